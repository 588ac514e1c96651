#include "cli/dlq_index.hpp"

#include <gmock/gmock.h>

namespace sluice::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

kafka::owned_record letter_at(letter_place place, std::int64_t offset,
                              const std::string& table,
                              const std::string& reason,
                              std::uint16_t epoch = 0) {
  const kafka::record original{offset, 7, "k", "v", {}};
  auto result = kafka::make_dead_letter({"pg.users", 3}, original, epoch, table,
                                        reason, "detail");
  result.where = {"shop.dlq", place.partition};
  result.offset = place.offset;
  return result;
}

kafka::owned_record note_at(letter_place place,
                            const std::vector<letter_place>& of) {
  auto result = make_replayed_note(of);
  result.where = {"shop.dlq", place.partition};
  result.offset = place.offset;
  return result;
}

std::vector<std::int64_t> offsets_of(const letter_index& index,
                                     const letter_choice& choice = {}) {
  std::vector<std::int64_t> result;
  for (const auto& [id, listed] : index.outstanding(choice))
    result.push_back(id.offset);
  return result;
}

TEST(LetterIndex, ALetterThatIsThereTwiceCountsOnce) {
  letter_index index;
  index.see(letter_at({0, 1}, 42, "users", "not_json"));
  index.see(letter_at({1, 5}, 42, "users", "not_json"));
  const auto found = index.outstanding({});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found.begin()->second.copies,
              ElementsAre(letter_place{0, 1}, letter_place{1, 5}));
  EXPECT_EQ(found.begin()->second.reason, "not_json");
}

TEST(LetterIndex, TheSameRecordOfTwoTablesOrEpochsIsTwoLetters) {
  letter_index index;
  index.see(letter_at({0, 1}, 42, "users", "not_json"));
  index.see(letter_at({0, 2}, 42, "audit", "not_json"));
  index.see(letter_at({0, 3}, 42, "users", "not_json", 1));
  EXPECT_THAT(index.outstanding({}), SizeIs(3));
}

TEST(LetterIndex, WhatWasReplayedIsNoLongerThere) {
  letter_index index;
  index.see(note_at({1, 9}, {{0, 1}, {1, 5}})); // before what it speaks of
  index.see(letter_at({0, 1}, 42, "users", "not_json"));
  index.see(letter_at({1, 5}, 42, "users", "not_json"));
  index.see(letter_at({0, 2}, 43, "users", "not_json"));
  EXPECT_THAT(offsets_of(index), ElementsAre(43));
  EXPECT_EQ(index.replayed(), 1U);
  EXPECT_EQ(index.strangers(), 0U);
}

TEST(LetterIndex, ALetterThatIsWrittenAgainAfterItsReplayIsThereAgain) {
  letter_index index;
  index.see(letter_at({0, 1}, 42, "users", "not_json"));
  index.see(note_at({0, 2}, {{0, 1}}));
  index.see(letter_at({0, 3}, 42, "users", "not_json"));
  const auto found = index.outstanding({});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found.begin()->second.copies, ElementsAre(letter_place{0, 3}));
}

TEST(LetterIndex, ChoosesByTableReasonTopicPartitionAndOffset) {
  letter_index index;
  index.see(letter_at({0, 1}, 42, "users", "not_json"));
  index.see(letter_at({0, 2}, 43, "users", "too_deep"));
  index.see(letter_at({0, 3}, 44, "audit", "not_json"));
  letter_choice choice;
  choice.table = "users";
  EXPECT_THAT(offsets_of(index, choice), ElementsAre(42, 43));
  choice.reason = "too_deep";
  EXPECT_THAT(offsets_of(index, choice), ElementsAre(43));
  choice = {};
  choice.offsets = {43, 44};
  EXPECT_THAT(offsets_of(index, choice), ElementsAre(43, 44));
  choice.topic = "other";
  EXPECT_THAT(offsets_of(index, choice), IsEmpty());
  choice.topic = "pg.users";
  choice.partition = 3;
  EXPECT_THAT(offsets_of(index, choice), ElementsAre(43, 44));
  choice.partition = 4;
  EXPECT_THAT(offsets_of(index, choice), IsEmpty());
}

TEST(LetterIndex, CountsWhatIsNeitherLetterNorNote) {
  letter_index index;
  kafka::owned_record stranger;
  stranger.where = {"shop.dlq", 2};
  stranger.offset = 17;
  stranger.value = "hello";
  index.see(stranger);
  for (const auto* text :
       {"", "{", "[]", R"({"letters":1})", R"({"letters":[[1]]})",
        R"({"letters":[["a",1]]})"}) {
    auto note = note_at({0, 1}, {});
    note.value = text;
    index.see(note);
  }
  EXPECT_EQ(index.strangers(), 7U);
  EXPECT_THAT(index.first_stranger(),
              HasSubstr("partition 2, offset 17: no dead letter of Sluice"));
  EXPECT_THAT(index.outstanding({}), IsEmpty());
}

TEST(ParseOffsets, TakesOneOrARange) {
  EXPECT_EQ(parse_offsets("42"),
            (std::pair<std::int64_t, std::int64_t>{42, 42}));
  EXPECT_EQ(parse_offsets("0-7"),
            (std::pair<std::int64_t, std::int64_t>{0, 7}));
  for (const auto* text : {"", "-", "-1", "1-", "7-0", "a", "1-2-3", " 1"})
    EXPECT_FALSE(parse_offsets(text)) << text;
}

} // namespace
} // namespace sluice::cli
