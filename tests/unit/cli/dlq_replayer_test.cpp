#include "cli/dlq_replayer.hpp"

#include <gmock/gmock.h>

#include "plan/schema.hpp"
#include "topology/read.hpp"

namespace sluice::cli {
namespace {

using namespace std::chrono_literals;
using outcome = replayed_letter::result;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* topology_text = R"(pipeline: shop
tables:
  users: {topic: pg.users, key: id, columns: {id: Int32, name: String}}
  audit:
    {topic: pg.users, mode: append, columns: {id: Int32, name: String}}
)";

clickhouse::error error_of(clickhouse::remedy what, int code = 1) {
  clickhouse::error result;
  result.what = what;
  result.code = code;
  result.message = "Code: 1. DB::Exception: no. (X) (version 26)";
  return result;
}

/// Keeps the tokens of what was inserted as a table with a deduplication window
/// does, and answers what rows there are.
class fake_silver : public clickhouse::client {
public:
  tl::expected<std::string, clickhouse::error>
  query(const clickhouse::query_request& request) override {
    questions.push_back(request.sql);
    if (unreachable)
      return tl::unexpected(error_of(clickhouse::remedy::retry));
    return rows;
  }
  tl::expected<void, clickhouse::error>
  insert(const clickhouse::insert_request& request) override {
    inserted.push_back(request.deduplication_token);
    hide_columns.push_back(request.hide_column);
    EXPECT_EQ(request.rows, 1U);
    if (!failures.empty()) {
      auto failure = failures.front();
      failures.erase(failures.begin());
      return tl::unexpected(std::move(failure));
    }
    rows += rows_after_insert;
    return {};
  }

  std::string rows;
  std::string rows_after_insert;
  bool unreachable = false;
  std::vector<clickhouse::error> failures;
  std::vector<std::string> questions;
  std::vector<std::string> inserted;
  std::vector<std::string> hide_columns;
};

class DlqReplayer : public testing::Test {
protected:
  DlqReplayer() {
    auto what = topology::read_text(topology_text, "t.yaml",
                                    topology::process_environment());
    if (!what)
      throw std::logic_error{to_string(what.error().front())};
    layouts_ = plan::lay_out(*what).value();
  }

  letter_replayer of(const std::string& table) {
    return {silver_, "shop", "db", layouts_.at(table),
            [this](std::chrono::milliseconds wait) { waited_ += wait; }};
  }

  static kafka::dead_letter letter(const std::string& table,
                                   const std::string& value,
                                   std::uint16_t epoch = 0,
                                   std::int64_t offset = 42) {
    kafka::dead_letter result;
    result.original.where = {"pg.users", 3};
    result.original.offset = offset;
    result.original.value = value;
    result.epoch = epoch;
    result.table = table;
    return result;
  }

  static inline const std::string good =
      R"({"op":"c","before":null,"after":{"id":1,"name":"a"}})";

  fake_silver silver_;
  plan::layouts layouts_;
  std::chrono::milliseconds waited_{};
};

TEST_F(DlqReplayer, InsertsARowUnderTheTokenOfItsRecord) {
  silver_.rows_after_insert = "3\t2\t42\n";
  const auto done = of("audit").replay(std::vector{letter("audit", good, 2)});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->front().what, outcome::written);
  EXPECT_THAT(silver_.inserted, ElementsAre("shop/audit/dlq/pg.users/3/2/42"));
}

TEST_F(DlqReplayer, AsksSilverFirstAndInsertsNothingThatIsThere) {
  silver_.rows = "3\t0\t42\n";
  silver_.rows_after_insert = "3\t0\t43\n";
  const auto done = of("audit").replay(
      std::vector{letter("audit", good), letter("audit", good, 0, 43)});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->at(0).what, outcome::found);
  EXPECT_EQ(done->at(1).what, outcome::written);
  EXPECT_THAT(silver_.inserted, ElementsAre("shop/audit/dlq/pg.users/3/0/43"));
  EXPECT_EQ(silver_.questions.front(),
            "SELECT DISTINCT _partition, _epoch, _offset FROM `db`.`audit` "
            "WHERE (_partition = 3 AND _epoch = 0 AND _offset IN (42, 43)) "
            "SETTINGS final = 0");
}

TEST_F(DlqReplayer, ARowOfAnotherEpochIsAnotherRow) {
  silver_.rows = "3\t0\t42\n";
  silver_.rows_after_insert = "3\t1\t42\n";
  const auto done = of("audit").replay(std::vector{letter("audit", good, 1)});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->front().what, outcome::written);
}

TEST_F(DlqReplayer, SaysWhenClickHouseDroppedTheRowAsARepetition) {
  const auto done = of("audit").replay(std::vector{letter("audit", good)});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->front().what, outcome::stays);
  EXPECT_THAT(done->front().reason, HasSubstr("as a repetition"));
}

TEST_F(DlqReplayer, AnUpsertNeedsNoQuestionBecauseItsVersionIsItsOwn) {
  const auto done = of("users").replay(std::vector{letter("users", good)});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->front().what, outcome::written);
  EXPECT_THAT(silver_.questions, IsEmpty());
  EXPECT_THAT(silver_.hide_columns, ElementsAre("_deleted"));
}

TEST_F(DlqReplayer, WhatStillCannotBeReadStaysWithItsReason) {
  const auto done = of("users").replay(
      std::vector{letter("users", "{"), letter("users", good, 0, 43)});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->at(0).what, outcome::stays);
  EXPECT_THAT(done->at(0).reason, HasSubstr("not_json"));
  EXPECT_EQ(done->at(1).what, outcome::written) << "others go on";
}

TEST_F(DlqReplayer, WhatMakesNoRowNowIsDoneWith) {
  auto tombstone = letter("audit", "");
  tombstone.original.value = std::nullopt;
  const auto done = of("audit").replay(std::vector{tombstone});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->front().what, outcome::ignored);
  EXPECT_THAT(silver_.inserted, IsEmpty());
}

TEST_F(DlqReplayer, ALetterOfAnotherTopicStays) {
  auto other = letter("users", good);
  other.original.where.topic = "pg.people";
  const auto done = of("users").replay(std::vector{other});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->front().what, outcome::stays);
  EXPECT_THAT(done->front().reason, HasSubstr("reads topic pg.users now"));
}

TEST_F(DlqReplayer, RepeatsUnderTheSameTokenUntilClickHouseTakesIt) {
  silver_.failures = {error_of(clickhouse::remedy::retry),
                      error_of(clickhouse::remedy::split)};
  const auto done = of("users").replay(std::vector{letter("users", good)});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->front().what, outcome::written);
  EXPECT_EQ(silver_.inserted.size(), 3U);
  EXPECT_EQ(silver_.inserted.front(), silver_.inserted.back());
  EXPECT_EQ(waited_, 3s);
}

TEST_F(DlqReplayer, GivesUpWhenClickHouseStaysAway) {
  silver_.failures.assign(6, error_of(clickhouse::remedy::retry));
  EXPECT_FALSE(of("users").replay(std::vector{letter("users", good)}));
  EXPECT_EQ(waited_, 31s);
  silver_.failures = {error_of(clickhouse::remedy::stop)};
  EXPECT_FALSE(of("users").replay(std::vector{letter("users", good)}));
  silver_.unreachable = true;
  EXPECT_FALSE(of("audit").replay(std::vector{letter("audit", good)}));
}

TEST_F(DlqReplayer, ARowThatClickHouseRejectsStays) {
  silver_.failures = {error_of(clickhouse::remedy::reject)};
  const auto done = of("users").replay(
      std::vector{letter("users", good), letter("users", good, 0, 43)});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->at(0).what, outcome::stays);
  EXPECT_EQ(done->at(0).reason, "clickhouse_rejected: no. (X)");
  EXPECT_EQ(done->at(1).what, outcome::written);
}

TEST_F(DlqReplayer, RefusesAnAnswerThatIsNotClickHouses) {
  silver_.rows = "<html>\n";
  const auto done = of("audit").replay(std::vector{letter("audit", good)});
  ASSERT_FALSE(done);
  EXPECT_THAT(silver_.inserted, IsEmpty());
}

TEST_F(DlqReplayer, HasNothingToDoWithoutLetters) {
  const auto done = of("audit").replay({});
  ASSERT_TRUE(done);
  EXPECT_THAT(silver_.questions, IsEmpty());
}

} // namespace
} // namespace sluice::cli
