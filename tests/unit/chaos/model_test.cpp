#include "chaos/model.hpp"

#include <gmock/gmock.h>

namespace sluice::chaos {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

topology::table table_of(const std::string& name, topology::table_mode mode) {
  topology::table result;
  result.name = name;
  result.topic = "t";
  result.mode = mode;
  return result;
}

class Model : public testing::Test {
protected:
  Model() {
    what_.tables = {latest_, append_, log_};
    model_.emplace(what_, std::vector<std::string>{"log"});
  }

  void add(std::int32_t partition, std::int64_t offset, const std::string& key,
           const std::string& mark) {
    kafka::owned_record record;
    record.where = {"t", partition};
    record.offset = offset;
    record.key = key;
    record.headers = {{"chaos", mark}};
    model_->add(record);
  }

  void add_letter(const std::string& table, const std::string& offset,
                  const std::string& mark) {
    kafka::owned_record letter;
    letter.headers = {{"chaos", mark},
                      {"sluice.table", table},
                      {"sluice.partition", "0"},
                      {"sluice.offset", offset},
                      {"sluice.reason", "some_reason"}};
    model_->add_dead_letter(letter);
  }

  topology::table latest_ = table_of("latest", topology::table_mode::latest);
  topology::table append_ = table_of("append", topology::table_mode::append);
  topology::table log_ = table_of("log", topology::table_mode::append);
  topology::topology what_;
  std::optional<model> model_;
};

TEST_F(Model, ExpectsInsertsInAppendTablesOnly) {
  add(0, 0, "a", "i");
  add(0, 1, "a", "u");
  add(1, 0, "b", "i");
  add(1, 1, "b", "d");
  add(1, 2, "b", "t");
  EXPECT_TRUE(model_->compare(append_, {{0, 0}, {1, 0}}).is_exact());
  EXPECT_EQ(model_->records(), 5U);
}

TEST_F(Model, ExpectsTheNewestEventOfEachKeyInLatestTables) {
  add(0, 0, "a", "i");
  add(0, 1, "a", "u");
  add(1, 0, "b", "i");
  add(1, 1, "b", "d");
  add(1, 2, "b", "t");
  EXPECT_TRUE(model_->compare(latest_, {{0, 1}}).is_exact());
  EXPECT_EQ(model_->compare(latest_, {{0, 0}}).lost, 1U);
  EXPECT_EQ(model_->compare(latest_, {{0, 1}, {1, 0}}).foreign, 1U);
}

TEST_F(Model, TellsLostDoubledAndForeignRowsApart) {
  add(0, 0, "a", "i");
  add(0, 1, "b", "i");
  add(0, 2, "c", "i");
  const auto difference =
      model_->compare(append_, {{0, 0}, {0, 2}, {0, 2}, {0, 2}, {7, 9}});
  EXPECT_EQ(difference.expected, 3U);
  EXPECT_EQ(difference.lost, 1U);
  EXPECT_EQ(difference.doubled, 2U);
  EXPECT_EQ(difference.foreign, 1U);
  EXPECT_FALSE(difference.is_exact());
  EXPECT_THAT(difference.example, HasSubstr("lost: partition 0, offset 1"));
  EXPECT_THAT(difference.example, HasSubstr("doubled: partition 0, offset 2"));
  EXPECT_THAT(difference.example,
              HasSubstr("must not be there: partition 7, offset 9"));
}

TEST_F(Model, ExpectsPoisonInTheQuarantineOfLogTablesAndElsewhereAsARow) {
  add(0, 0, "a", "i");
  add(0, 1, "b", "p");
  EXPECT_EQ(model_->poison_records(), 1U);
  EXPECT_TRUE(model_->compare(append_, {{0, 0}, {0, 1}}).is_exact());
  EXPECT_EQ(model_->compare(log_, {{0, 0}}).lost, 1U) << "no dead letter";
  add_letter("log", "1", "p");
  add_letter("log", "1", "p"); // at least once
  EXPECT_TRUE(model_->compare(log_, {{0, 0}}).is_exact());
  EXPECT_EQ(model_->compare(log_, {{0, 0}, {0, 1}}).foreign, 1U)
      << "quarantined and written";
  EXPECT_EQ(model_->quarantined(), 1U);
  EXPECT_THAT(model_->surprises(), IsEmpty());
}

TEST_F(Model, IsSurprisedByDeadLettersOfSoundRecords) {
  add(0, 0, "a", "i");
  add_letter("log", "0", "i");
  add_letter("append", "0", "p");
  add_letter("nothing", "0", "p");
  EXPECT_THAT(
      model_->surprises(),
      ElementsAre(HasSubstr("table log, partition 0, offset 0: some_reason"),
                  HasSubstr("table append"), HasSubstr("no table here")));
}

TEST_F(Model, IsSurprisedByRecordsOfOthers) {
  kafka::owned_record record;
  record.where = {"t", 0};
  record.offset = 4;
  model_->add(record);
  EXPECT_THAT(model_->surprises(), ElementsAre(HasSubstr("t/0")));
  EXPECT_EQ(model_->records(), 0U);
}

} // namespace
} // namespace sluice::chaos
