#include "plan/table_reset.hpp"

#include <gmock/gmock.h>

#include "tests/unit/plan/fake_clickhouse.hpp"

namespace sluice::plan {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(EpochAfter, IsBeyondAllAndLeavesOneForAPartitionThatBeginsANewOne) {
  EXPECT_EQ(epoch_after({}).value(), 2);
  EXPECT_EQ(epoch_after(std::vector<std::uint16_t>{3, 7, 0}).value(), 9);
  EXPECT_EQ(epoch_after(std::vector<std::uint16_t>{65'533}).value(), 65'535);
}

TEST(EpochAfter, RunsOut) {
  for (const auto last : std::vector<std::uint16_t>{65'534, 65'535}) {
    const auto none = epoch_after(std::vector{last});
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error(), HasSubstr("use another consumer group"));
  }
}

class ResetOfATable : public ::testing::Test {
protected:
  /// Answers as a table of this engine and CREATE statement would.
  answer operator()(const clickhouse::query_request& request) const {
    if (request.sql == fails_at_
        || (!fails_at_.empty() && request.sql.starts_with(fails_at_)))
      return refusal(code_, "no");
    if (request.sql.starts_with("SELECT engine"))
      return engine_ + "\t" + created_ + "\n";
    if (request.sql.starts_with("SELECT count()"))
      return counted_;
    return "";
  }

  std::vector<std::string> asked_;
  fake_clickhouse on_{[this](const auto& request) { return (*this)(request); },
                      asked_};
  std::string engine_ = "MergeTree";
  std::string created_ = "CREATE TABLE d.t (`_epoch` UInt16, CONSTRAINT "
                         "sluice_epoch CHECK _epoch >= 4) ENGINE = MergeTree";
  std::string counted_ = "17\t5\n";
  std::string fails_at_;
  int code_ = 497;
};

TEST_F(ResetOfATable, ReadsItsLifeHoweverItsConstraintIsWritten) {
  for (const auto& [text, epoch] : std::vector<std::pair<std::string, int>>{
           {created_, 4},
           {"(x UInt8, CONSTRAINT `sluice_epoch` CHECK `_epoch` >= 65535)",
            65'535},
           {"(x UInt8, CONSTRAINT other CHECK x >= 4)", 0},
           {"(`CONSTRAINT sluice_epoch` UInt8)", 0}}) {
    created_ = text;
    const auto life = read_table_life(on_, "d", "t");
    ASSERT_TRUE(life) << life.error().message;
    EXPECT_EQ(life->least_epoch, epoch) << text;
    EXPECT_EQ(life->greatest_epoch, 5);
    EXPECT_EQ(life->rows, 17U);
  }
}

TEST_F(ResetOfATable, AConstraintOfSomebodyElseIsNotTakenForOurs) {
  for (const auto* text : {"CONSTRAINT sluice_epoch CHECK x > 4",
                           "CONSTRAINT sluice_epoch CHECK x >= 70000",
                           "CONSTRAINT sluice_epoch CHECK x >= y"}) {
    created_ = text;
    const auto life = read_table_life(on_, "d", "t");
    ASSERT_FALSE(life) << text;
    EXPECT_THAT(life.error().message, HasSubstr("is not Sluice's"));
  }
}

TEST_F(ResetOfATable, IsRefusedWhereReplicasWouldNotSeeItAtOnce) {
  for (const auto* engine :
       {"ReplicatedMergeTree", "SharedReplacingMergeTree"}) {
    engine_ = engine;
    const auto life = read_table_life(on_, "d", "t");
    ASSERT_FALSE(life);
    EXPECT_EQ(life.error().what, clickhouse::remedy::stop);
    EXPECT_THAT(life.error().message, HasSubstr("`d`.`t` is a "));
  }
}

TEST_F(ResetOfATable, AnAnswerThatIsNoneIsAnError) {
  for (const auto* counted : {"", "17\n", "17\tx\n", "17\t5\n18\t6\n"}) {
    counted_ = counted;
    EXPECT_FALSE(read_table_life(on_, "d", "t")) << counted;
  }
}

TEST_F(ResetOfATable, LeavesNothingBehindWhenItIsRefused) {
  for (const auto* step :
       {"CREATE TABLE", "ALTER TABLE", "SELECT name", "SELECT count()"}) {
    asked_.clear();
    fails_at_ = step;
    const auto done = empty_table(on_, "d", "t", 6, "box-1.x");
    ASSERT_FALSE(done) << step;
    EXPECT_EQ(done.error().code, 497);
    EXPECT_EQ(asked_.back(),
              "DROP TABLE IF EXISTS `d`.`t_sluice_reset_6_box_1_x`")
        << step;
  }
}

TEST_F(ResetOfATable, WhoeverDropsWhatWasPreparedHasOvertakenIt) {
  fails_at_ = "EXCHANGE";
  code_ = 60;
  const auto done = empty_table(on_, "d", "t", 6, "box");
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->overtaken);
}

TEST_F(ResetOfATable, FormerRowsThatCannotBeDroppedAreTold) {
  fails_at_ = "DROP TABLE";
  code_ = 359;
  const auto done = empty_table(on_, "d", "t", 6, "box");
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->overtaken);
  EXPECT_EQ(done->leftover, "t_sluice_reset_6_box");
  EXPECT_EQ(done->leftover_reason, "no");
}

} // namespace
} // namespace sluice::plan
