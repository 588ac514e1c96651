#include "gold/control_records.hpp"

#include <random>

#include <gmock/gmock.h>

namespace sluice::gold {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using ::testing::HasSubstr;
using ::testing::Not;

sys_seconds moment(std::int64_t count) { return sys_seconds{seconds{count}}; }

/// Any message, of names with all that JSON has to escape.
class any_message {
public:
  explicit any_message(unsigned seed) : random_{seed} {}

  control_message make() {
    switch (below(4)) {
    case 0:
      return any_marks();
    case 1:
      return term_begun{name(), name()};
    case 2:
      return run_finished{name(),
                          {moment(time()), moment(time())},
                          name(),
                          below(1'000'000),
                          below(1'000'000)};
    default:
      return run_requested{name(), moment(time()), moment(time()), name()};
    }
  }

  std::int64_t below(std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>{0, end - 1}(random_);
  }

private:
  std::string name() {
    static const std::vector<std::string> pieces{
        "orders", "a/b", "\"", "\\", "\n", "ü", "\x01", "{", "]", " ", "€"};
    std::string result;
    for (auto left = below(4); left >= 0; --left)
      result += pieces[static_cast<std::size_t>(
          below(static_cast<std::int64_t>(pieces.size())))];
    return result;
  }
  std::int64_t time() { return below(1LL << 34U) * (below(4) == 0 ? -1 : 1); }
  cut_name cut() {
    const auto lo = below(std::numeric_limits<std::int64_t>::max() - 10);
    return {name(),
            name(),
            static_cast<std::int32_t>(below(1 << 30)),
            static_cast<std::uint16_t>(below(65'536)),
            lo,
            lo + 1 + below(9)};
  }
  touched_golds golds() {
    touched_golds result;
    for (auto left = below(3); left > 0; --left) {
      auto& ranges = result[name()];
      for (auto more = below(4); more > 0; --more) {
        const auto from = time();
        add(ranges,
            {from, std::min(from + 1 + below(9'999), std::int64_t{1} << 34U)});
      }
    }
    return result;
  }
  cuts_marked any_marks() {
    cuts_marked result;
    result.node = name();
    for (auto left = below(3); left > 0; --left)
      result.notes.push_back({cut(), golds()});
    for (auto left = below(3); left > 0; --left) {
      result.marks.push_back({cut(), golds(), {}});
      for (auto newest = below(3); newest > 0; --newest)
        result.marks.back().newest[name()] = time();
    }
    return result;
  }

  std::mt19937 random_;
};

tl::expected<std::optional<control_message>, std::string>
parsed(std::string_view text) {
  return parse_control_message(text);
}

TEST(ControlRecords, AreReadAsTheyWereWritten) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    const auto message = any_message{seed}.make();
    const auto text = encode(message);
    EXPECT_EQ(text.find('\n'), std::string::npos) << "one line";
    const auto read = parsed(text);
    ASSERT_TRUE(read) << "seed " << seed << ": " << read.error();
    ASSERT_TRUE(*read) << "seed " << seed;
    EXPECT_EQ(**read, message) << "seed " << seed << ": " << text;
  }
}

TEST(ControlRecords, HaveTheFormThatIsDocumented) {
  const cut_name cut{"orders", "pg.orders", 3, 1, 100, 200};
  EXPECT_EQ(to_string(cut), "orders/pg.orders/3/1/100-200");
  EXPECT_EQ(
      encode(cuts_marked{"a", {{cut, {{"sales", {{0, 3'600}}}}}}, {}}),
      R"({"sluice":1,"kind":"marks","node":"a","notes":[{"table":"orders",)"
      R"("topic":"pg.orders","partition":3,"epoch":1,"lo":100,"hi":200,)"
      R"("golds":{"sales":[[0,3600]]}}]})");
  EXPECT_EQ(
      encode(run_finished{"sales", {moment(0), moment(3'600)}, "r1", 7, 12}),
      R"({"sluice":1,"kind":"gold_run","gold":"sales","from":0,)"
      R"("to":3600,"run":"r1","term":7,"covers":12})");
}

TEST(ControlRecords, NamesThatAreNoUtf8AreWrittenAllTheSame) {
  const auto read = parsed(encode(term_begun{"\xff", "n"}));
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(std::get<term_begun>(**read).nonce, "n");
}

TEST(ControlRecords, OtherPeoplesRecordsAreNone) {
  for (const auto* text :
       {"", "x", "[]", "null", "1", "{}", R"({"kind":"marks"})",
        R"({"sluice":1})", R"({"sluice":1,"kind":7})",
        R"({"sluice":1,"kind":"paused","table":"users"})",
        R"({"sluice":2,"kind":"of the future"})",
        "{\"sluice\":1,\"kind\":", "\xff\xfe"}) {
    const auto read = parsed(text);
    ASSERT_TRUE(read) << text;
    EXPECT_FALSE(read->has_value()) << text;
  }
}

TEST(ControlRecords, AMemberThatIsNotKnownIsPassedOver) {
  const auto read = parsed(
      R"({"sluice":1,"kind":"term","node":"a","nonce":"b","more":[1,{"x":2}]})");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(std::get<term_begun>(**read), (term_begun{"a", "b"}));
}

TEST(ControlRecords, AnotherVersionIsNamed) {
  const auto read =
      parsed(R"({"sluice":2,"kind":"term","node":"a","nonce":"b"})");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error(), HasSubstr("'term'"));
  EXPECT_THAT(read.error(), HasSubstr("which is 1"));
}

TEST(ControlRecords, WhatIsWrongInOneIsAnErrorInOneLine) {
  const std::string cut =
      R"("table":"t","topic":"p","partition":0,"epoch":0,"lo":0,"hi":1)";
  const auto mark = [](const std::string& members) {
    return R"({"sluice":1,"kind":"marks","marks":[{)" + members + "}]}";
  };
  const auto mark_with = [&](const std::string& member,
                             const std::string& instead) {
    auto text = mark(cut + R"(,"golds":{}})");
    text.resize(text.size() - 3);
    text += "]}";
    return text.replace(text.find(member), member.size(), instead);
  };
  ASSERT_TRUE(parsed(mark_with("\"lo\":0", "\"lo\":0")));
  for (const auto& text : std::vector<std::string>{
           mark(cut),
           mark(cut + R"(,"golds":5)"),
           mark(cut + R"(,"golds":null)"),
           mark(cut + R"(,"golds":{"g":5})"),
           mark(cut + R"(,"golds":{"g":[5]})"),
           mark(cut + R"(,"golds":{"g":[[1]]})"),
           mark(cut + R"(,"golds":{"g":[["a","b"]]})"),
           mark(cut + R"(,"golds":{"g":[[1.5,2]]})"),
           mark(cut + R"(,"golds":{"g":[[1,1e300]]})"),
           mark(cut + R"(,"golds":{"g":[[true,2]]})"),
           mark(cut + R"(,"golds":{"g":[[2,1]]})"),
           mark(cut + R"(,"golds":{"g":[[0,99999999999]]})"),
           mark(cut + R"(,"golds":{"g":[[0,18446744073709551615]]})"),
           mark(cut + R"(,"golds":{},"newest":{"g":"x"})"),
           mark(cut + R"(,"golds":{},"newest":[1])"),
           mark_with("\"partition\":0", "\"partition\":-1"),
           mark_with("\"partition\":0", "\"partition\":4294967296"),
           mark_with("\"epoch\":0", "\"epoch\":65536"),
           mark_with("\"epoch\":0", "\"epoch\":-1"),
           mark_with("\"epoch\":0", "\"epoch\":true"),
           mark_with("\"lo\":0", "\"lo\":-5"),
           mark_with("\"lo\":0", "\"lo\":1"),
           mark_with("\"hi\":1", "\"hi\":9223372036854775808"),
           mark_with("\"table\":\"t\"", "\"table\":null"),
           R"({"sluice":1,"kind":"marks","marks":{}})",
           R"({"sluice":1,"kind":"marks","notes":7})",
           R"({"sluice":1,"kind":"marks","node":7})",
           R"({"sluice":1,"kind":"term","node":"a"})",
           R"({"sluice":1,"kind":"gold_run","gold":"g"})",
           R"({"sluice":1,"kind":"gold_request","gold":"g","from":0})"}) {
    const auto read = parsed(text);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error(), Not(HasSubstr("\n"))) << text;
    EXPECT_LT(read.error().size(), 300U) << text;
  }
}

TEST(ControlRecords, RangesInAnyOrderAreJoinedAndSorted) {
  std::string list;
  for (int i = 60'000; i > 0; --i)
    list +=
        "[" + std::to_string(i * 10) + "," + std::to_string(i * 10 + 5) + "],";
  list += "[0,20]";
  const auto read =
      parsed(R"({"sluice":1,"kind":"marks","marks":[{"table":"t","topic":"p",)"
             R"("partition":0,"epoch":0,"lo":0,"hi":1,"golds":{"g":[)"
             + list + "]}}]}");
  ASSERT_TRUE(read && *read);
  const auto& ranges =
      std::get<cuts_marked>(**read).marks.front().golds.at("g");
  EXPECT_EQ(ranges.size(), 59'999U);
  EXPECT_EQ(ranges.front(), (time_range{0, 25}));
}

TEST(ControlRecords, ThatAreNestedAsDeepAsTheyAreLongDoNoHarm) {
  for (const auto* head :
       {R"({"sluice":)", R"({"sluice":1,"kind":"marks","marks":)",
        R"({"sluice":1,"kind":"term","nonce":"n","node":)"}) {
    const std::string text = head + std::string(400'000, '[')
                             + std::string(400'000, ']')
                             + R"(,"kind":"marks"})";
    EXPECT_FALSE(parsed(text)) << head;
  }
}

TEST(ControlRecords, WhateverBytesTheyAreNothingIsThrown) {
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    any_message random{seed};
    std::string bytes(static_cast<std::size_t>(random.below(80)), ' ');
    for (auto& each : bytes)
      each = static_cast<char>(random.below(256));
    EXPECT_NO_THROW({ const auto read = parsed(bytes); });
    auto text = encode(random.make());
    for (auto left = random.below(6); left >= 0; --left) {
      const auto at = static_cast<std::size_t>(
          random.below(static_cast<std::int64_t>(text.size())));
      switch (random.below(4)) {
      case 0:
        text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.erase(at, static_cast<std::size_t>(random.below(12)));
        break;
      case 2:
        text.insert(at, text.substr(at / 2, 9));
        break;
      default:
        text[at] = "0123456789[]{}\",:-e.tfn"[random.below(23)];
      }
      if (text.empty())
        text = "{";
    }
    EXPECT_NO_THROW({
      if (const auto read = parsed(text); read && *read) {
        EXPECT_EQ(**parsed(encode(**read)), **read) << text;
      }
    }) << "seed "
       << seed;
  }
}

} // namespace
} // namespace sluice::gold
