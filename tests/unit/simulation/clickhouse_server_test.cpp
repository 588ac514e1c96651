#include "simulation/clickhouse_server.hpp"

#include <gtest/gtest.h>

#include "simulation/workload.hpp"

namespace sluice::simulation {
namespace {

using namespace std::chrono_literals;

class ClickHouseServer : public ::testing::Test {
protected:
  void SetUp() override { server_.create("events", {.spread = 2}); }

  /// A block with a row for each offset; its key is the offset.
  static silver::block_ptr block(const std::vector<std::int64_t>& offsets) {
    static const auto tables = lay_out(make_topology());
    silver::block_builder rows{tables.at("order_events")->block_columns};
    for (const auto offset : offsets) {
      rows.column(0).append(offset);
      rows.column(1).append(std::int64_t{5});
      rows.column(2).append(std::int64_t{6});
      rows.column(3).append(std::uint32_t{7'000});
      rows.column(4).append(std::int32_t{0});
      rows.column(5).append(offset);
      rows.column(6).append(std::uint16_t{0});
      rows.commit_row();
    }
    return rows.finish();
  }
  /// The answer, when there is one within `patience`.
  std::optional<actors::insert_answered>
  insert(const std::string& token, const std::vector<std::int64_t>& offsets,
         instant patience = 20s) {
    std::optional<actors::insert_answered> result;
    server_.insert(
        "events", {token, block(offsets)},
        [&](actors::insert_answered answer) { result = std::move(answer); });
    pass(patience);
    on_.time.end(); // nobody refers to `result` any more
    return result;
  }
  void pass(instant duration) {
    on_.time.run_until(on_.time.now() + duration, [] { return false; });
  }
  std::size_t copies(std::int64_t offset) {
    const auto found = server_.rows("events").find({0, offset});
    return found == server_.rows("events").end() ? 0 : found->second.copies;
  }

  stage on_{1, nullptr};
  clickhouse_server server_{on_};
};

TEST_F(ClickHouseServer, WritesABlockOncePerToken) {
  EXPECT_FALSE(insert("a", {1, 2})->error);
  EXPECT_FALSE(insert("a", {1, 2})->error);
  EXPECT_EQ(copies(1), 1);
  EXPECT_FALSE(insert("b", {1, 2})->error);
  EXPECT_EQ(copies(1), 2);
}

TEST_F(ClickHouseServer, ForgetsTheOldestTokens) {
  server_.create("events", {.spread = 1, .window = 2});
  for (const auto* token : {"a", "b", "c", "a"})
    insert(token, {1}, clickhouse_server::remembered_for);
  EXPECT_EQ(copies(1), 4);
  insert("c", {1});
  EXPECT_EQ(copies(1), 4);
}

TEST_F(ClickHouseServer, RemembersYoungTokensWhateverTheWindow) {
  server_.create("events", {.spread = 1, .window = 1});
  for (const auto* token : {"a", "b", "c", "a"})
    insert(token, {1}, 1s);
  EXPECT_EQ(copies(1), 3);
}

TEST_F(ClickHouseServer, CountsATokenForEachPartition) {
  insert("a", {2});
  EXPECT_FALSE(insert("a", {2, 3})->error);
  EXPECT_EQ(copies(2), 1);
  EXPECT_EQ(copies(3), 1);
}

TEST_F(ClickHouseServer, LeavesATornInsertHalfDone) {
  on_.faults.insert_torn = 1;
  const auto answer = insert("a", {2, 3});
  ASSERT_TRUE(answer && answer->error);
  EXPECT_EQ(answer->error->what, clickhouse::remedy::split);
  EXPECT_EQ(copies(2) + copies(3), 1);
}

TEST_F(ClickHouseServer, RefusesForMemoryBeforeItLooksAtTheToken) {
  insert("a", {1});
  on_.faults.out_of_memory = 1;
  const auto answer = insert("a", {1});
  ASSERT_TRUE(answer && answer->error);
  EXPECT_EQ(answer->error->code, 241);
  EXPECT_FALSE(answer->error->outcome_unknown);
}

TEST_F(ClickHouseServer, AnswersUnknownForALostInsert) {
  on_.faults.insert_lost = 1;
  const auto answer = insert("a", {1});
  ASSERT_TRUE(answer && answer->error);
  EXPECT_TRUE(answer->error->outcome_unknown);
  EXPECT_EQ(copies(1), 0);
}

TEST_F(ClickHouseServer, HasTheRowsWhenOnlyTheReplyIsLost) {
  on_.faults.insert_reply_lost = 1;
  const auto answer = insert("a", {1});
  ASSERT_TRUE(answer && answer->error);
  EXPECT_TRUE(answer->error->outcome_unknown);
  EXPECT_EQ(copies(1), 1);
}

TEST_F(ClickHouseServer, HasTheRowsOfALateStatementWithinItsLifetime) {
  on_.faults.insert_done_later = 1;
  server_.insert("events", {"a", block({1})}, [](const auto&) {});
  pass(4s);
  EXPECT_EQ(copies(1), 0);
  pass(clickhouse_server::statement_lifetime);
  EXPECT_EQ(copies(1), 1);
}

TEST_F(ClickHouseServer, RejectsABlockWithAPoisonRow) {
  server_.poison("events", {0, 2});
  const auto answer = insert("a", {1, 2});
  ASSERT_TRUE(answer && answer->error);
  EXPECT_EQ(answer->error->what, clickhouse::remedy::reject);
  EXPECT_EQ(copies(1), 0);
  EXPECT_FALSE(insert("b", {1})->error);
}

TEST_F(ClickHouseServer, StopsForAMissingTable) {
  server_.drop_table("events");
  const auto answer = insert("a", {1});
  ASSERT_TRUE(answer && answer->error);
  EXPECT_EQ(answer->error->what, clickhouse::remedy::stop);
  server_.restore_table("events");
  EXPECT_FALSE(insert("a", {1})->error);
}

TEST_F(ClickHouseServer, AnswersNobodyWhileItStandsStill) {
  server_.stall(on_.time.now() + 1h);
  EXPECT_FALSE(insert("a", {1}, 4s));
}

TEST_F(ClickHouseServer, RefusesConnectionsWhileItIsDown) {
  server_.restart(on_.time.now() + 30s);
  const auto answer = insert("a", {1});
  ASSERT_TRUE(answer && answer->error);
  EXPECT_FALSE(answer->error->outcome_unknown);
}

TEST_F(ClickHouseServer, ATableThatWasResetRefusesItsFormerLife) {
  insert("a", {1, 2});
  EXPECT_TRUE(server_.reset("events", 2));
  EXPECT_EQ(copies(1), 0);
  const auto refused = insert("b", {1, 2});
  ASSERT_TRUE(refused && refused->error);
  EXPECT_EQ(refused->error->code, 469);
  EXPECT_EQ(refused->error->what, clickhouse::remedy::stop);
  EXPECT_EQ(copies(1), 0);
}

TEST_F(ClickHouseServer, WhatIsUnderWayWhenATableIsResetIsTakenForNothing) {
  on_.faults.insert_done_later = 1;
  server_.insert("events", {"a", block({1, 2})}, [](const auto&) {});
  pass(clickhouse_server::request_timeout - 1s);
  EXPECT_TRUE(server_.reset("events", 2));
  pass(clickhouse_server::statement_lifetime);
  on_.time.end();
  EXPECT_EQ(on_.counts["blocks of a former life"], 1U) << "it was executed";
  EXPECT_EQ(copies(1), 0);
}

TEST_F(ClickHouseServer, ATableThatCannotBeHadIsNotReset) {
  server_.drop_table("events");
  EXPECT_FALSE(server_.reset("events", 2));
  server_.restore_table("events");
  server_.stall(on_.time.now() + 1s);
  EXPECT_FALSE(server_.reset("events", 2));
  EXPECT_EQ(server_.least_epoch("events"), 0);
}

} // namespace
} // namespace sluice::simulation
