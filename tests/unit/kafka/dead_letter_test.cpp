#include "kafka/dead_letter.hpp"

#include <gmock/gmock.h>

namespace sluice::kafka {
namespace {

using testing::HasSubstr;

owned_record example_letter(std::optional<std::string_view> value = "v") {
  const header own{"trace", "7"};
  const header like_ours{"sluice.table", "of the original"};
  const std::array headers{own, like_ours};
  const record original{42, 1'700, "k", value, headers};
  return make_dead_letter({"pg.users", 3}, original, 9, "users", "not_json",
                          "no JSON at byte 0");
}

TEST(DeadLetter, ComesBackWithEverythingOfTheOriginal) {
  const auto letter = read_dead_letter(example_letter());
  ASSERT_TRUE(letter) << letter.error();
  EXPECT_EQ(to_string(letter->original.where), "pg.users/3");
  EXPECT_EQ(letter->original.offset, 42);
  EXPECT_EQ(letter->original.timestamp_ms, 1'700);
  EXPECT_EQ(letter->original.key, "k");
  EXPECT_EQ(letter->original.value, "v");
  EXPECT_EQ(letter->epoch, 9);
  EXPECT_EQ(letter->table, "users");
  EXPECT_EQ(letter->reason, "not_json");
  EXPECT_EQ(letter->detail, "no JSON at byte 0");
  ASSERT_EQ(letter->original.headers.size(), 2U);
  EXPECT_EQ(letter->original.headers[1].value, "of the original");
}

TEST(DeadLetter, ATombstoneIsNotAnEmptyValue) {
  EXPECT_EQ(read_dead_letter(example_letter(std::nullopt))->original.value,
            std::nullopt);
  EXPECT_EQ(read_dead_letter(example_letter(""))->original.value, "");
}

TEST(DeadLetter, OfAVersionWithoutEpochsHasEpochZero) {
  auto letter = example_letter();
  std::erase_if(letter.headers, [](const owned_header& each) {
    return each.name == "sluice.epoch";
  });
  const auto read = read_dead_letter(letter);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->epoch, 0);
  EXPECT_EQ(read->original.offset, 42);
}

TEST(DeadLetter, WhatIsNoneIsToldByItsHeader) {
  EXPECT_THAT(read_dead_letter({}).error(),
              HasSubstr("header sluice.detail is missing"));
  const auto with = [](const char* name, std::optional<std::string> value) {
    auto letter = example_letter();
    for (auto& each : letter.headers)
      if (each.name == name)
        each.value = value;
    const auto read = read_dead_letter(letter);
    return read ? "read" : read.error();
  };
  EXPECT_THAT(with("sluice.offset", "x"), HasSubstr("sluice.offset is 'x'"));
  EXPECT_THAT(with("sluice.offset", "-1"), HasSubstr("sluice.offset is '-1'"));
  EXPECT_THAT(with("sluice.epoch", "65536"), HasSubstr("sluice.epoch is"));
  EXPECT_THAT(with("sluice.partition", "1 "), HasSubstr("sluice.partition"));
  EXPECT_THAT(with("sluice.topic", std::nullopt),
              HasSubstr("sluice.topic is missing"));
}

} // namespace
} // namespace sluice::kafka
