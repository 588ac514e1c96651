#include "kafka/record_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/base64.hpp"
#include "tests/unit/kafka/temporary_directory.hpp"

namespace sluice::kafka {

using ::testing::HasSubstr;

namespace {

TEST(record_file, reads_a_line_with_everything) {
  auto record = parse_record_line(
      R"({"topic":"t","partition":3,"offset":7,"timestamp":12,)"
      R"("headers":[["a","b"],["n",null]],"key":"{\"id\":1}","value":null})");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->where, (topic_partition{"t", 3}));
  EXPECT_EQ(record->offset, 7);
  EXPECT_EQ(record->timestamp_ms, 12);
  EXPECT_EQ(record->key, "{\"id\":1}");
  EXPECT_EQ(record->value, std::nullopt);
  ASSERT_EQ(record->headers.size(), 2U);
  EXPECT_EQ(record->headers[0].value, "b");
  EXPECT_EQ(record->headers[1].value, std::nullopt);
}

TEST(record_file, only_the_topic_must_be_there) {
  auto record = parse_record_line(R"({"topic":"t"})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->where.partition, -1);
  EXPECT_EQ(record->timestamp_ms, -1);
  EXPECT_EQ(record->key, std::nullopt);
}

TEST(record_file, base64_holds_for_the_headers_too) {
  auto record = parse_record_line(
      R"({"topic":"t","headers":[["a","MA=="]],"key_b64":"AAE=",)"
      R"("value_b64":null})");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->key, std::string("\0\1", 2));
  EXPECT_EQ(record->value, std::nullopt);
  EXPECT_EQ(record->headers[0].value, "0");
}

TEST(record_file, says_what_is_wrong_with_a_line) {
  auto wrong = [](const char* line) {
    auto record = parse_record_line(line);
    return record ? std::string{"(no error)"} : record.error();
  };
  EXPECT_THAT(wrong("{"), HasSubstr("not a JSON object"));
  EXPECT_THAT(wrong("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(wrong("{}"), HasSubstr("\"topic\""));
  EXPECT_THAT(wrong(R"({"topic":""})"), HasSubstr("\"topic\""));
  EXPECT_THAT(wrong(R"({"topic":"t","partition":-2})"),
              HasSubstr("\"partition\""));
  EXPECT_THAT(wrong(R"({"topic":"t","partition":1.5})"),
              HasSubstr("\"partition\""));
  EXPECT_THAT(wrong(R"({"topic":"t","timestamp":"now"})"),
              HasSubstr("\"timestamp\""));
  EXPECT_THAT(wrong(R"({"topic":"t","value":{"a":1}})"),
              HasSubstr("written as a string"));
  EXPECT_THAT(wrong(R"({"topic":"t","value_b64":"A"})"),
              HasSubstr("not base64"));
  EXPECT_THAT(wrong(R"({"topic":"t","value":"a","value_b64":"AA=="})"),
              HasSubstr("exclude each other"));
  EXPECT_THAT(wrong(R"({"topic":"t","headers":[["a"]]})"),
              HasSubstr("\"headers\""));
  EXPECT_THAT(wrong("{\"topic\":\"t\",\"value\":\"\xff\"}"),
              HasSubstr("not a JSON object"));
}

TEST(record_file, what_is_written_reads_back_the_same) {
  std::vector<owned_record> records{
      {{"t", 1}, 5, 9, "k", "v", {{"h", "x"}, {"n", std::nullopt}}},
      {{"t", 0}, 0, 0, std::nullopt, std::string("\0\xff", 2), {{"h", "\xfe"}}},
      {{"t", -1}, -1, -1, "", std::nullopt, {}},
  };
  for (const auto& record : records) {
    auto again = parse_record_line(to_record_line(record));
    ASSERT_TRUE(again) << again.error() << to_record_line(record);
    EXPECT_EQ(again->where, record.where);
    EXPECT_EQ(again->offset, record.offset);
    EXPECT_EQ(again->timestamp_ms, record.timestamp_ms);
    EXPECT_EQ(again->key, record.key);
    EXPECT_EQ(again->value, record.value);
    ASSERT_EQ(again->headers.size(), record.headers.size());
    for (std::size_t i = 0; i < record.headers.size(); ++i)
      EXPECT_EQ(again->headers[i].value, record.headers[i].value);
  }
}

TEST(record_file, errors_carry_file_and_line) {
  test::temporary_directory place;
  auto path = place.path() / "events.jsonl";
  test::write_all(path, "{\"topic\":\"t\"}\r\n\n{oops\n");
  auto file = record_file::open(path).value();
  auto first = file.next();
  ASSERT_TRUE(first && *first);
  auto second = file.next();
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error(), HasSubstr("events.jsonl:3: not a JSON"));
  EXPECT_FALSE(record_file::open(place.path() / "none"));
  EXPECT_FALSE(record_file::open(place.path()));
}

TEST(base64, agrees_with_the_rfc) {
  const std::pair<const char*, const char*> cases[]{{"", ""},
                                                    {"f", "Zg=="},
                                                    {"fo", "Zm8="},
                                                    {"foo", "Zm9v"},
                                                    {"foob", "Zm9vYg=="},
                                                    {"fooba", "Zm9vYmE="},
                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(to_base64(plain), coded);
    EXPECT_EQ(from_base64(coded), plain);
  }
  for (const auto* bad : {"Z", "Zg=", "Z===", "Zg==Zg==", "Zm9*"})
    EXPECT_EQ(from_base64(bad), std::nullopt) << bad;
}

} // namespace

} // namespace sluice::kafka
