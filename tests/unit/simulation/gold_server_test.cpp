#include "simulation/gold_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gold/runner.hpp"
#include "simulation/workload.hpp"

namespace sluice::simulation {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class GoldServer : public ::testing::Test {
protected:
  void SetUp() override {
    for (const auto* table : {"orders", "users"})
      silver_.create(table, {.replacing = true});
    golds_.create({make_golds().front()});
  }
  ~GoldServer() override { on_.time.end(); }

  void insert(std::int64_t id, std::int64_t amount, std::uint64_t version,
              bool deleted = false) {
    static const auto tables = lay_out(make_topology());
    silver::block_builder rows{tables.at("orders")->block_columns};
    rows.column(0).append(id);
    rows.column(1).append(amount);
    rows.column(2).append(std::int64_t{0});
    rows.column(3).append(static_cast<std::uint32_t>(hour_ + 60));
    rows.column(4).append(std::int32_t{0});
    rows.column(5).append(static_cast<std::int64_t>(version));
    rows.column(6).append(std::uint16_t{0});
    rows.column(7).append(version);
    rows.column(8).append(static_cast<std::uint8_t>(deleted ? 1 : 0));
    rows.commit_row();
    silver_.insert("orders", {std::to_string(version), rows.finish()},
                   [](const auto&) {});
    pass();
  }
  void pass() {
    on_.time.run_until(on_.time.now() + 40s, [] { return false; });
  }
  actors::run_window order(std::int64_t term, std::uint64_t count) const {
    const std::chrono::sys_seconds start{std::chrono::seconds{hour_}};
    actors::run_window result;
    result.gold = order_hours;
    result.request.what = {start, start + 1h};
    result.request.run_id = gold::make_run_id(term, count);
    return result;
  }
  void record(const actors::run_window& run, gold::run_state state,
              std::uint64_t rows = 0) {
    gold::ledger_entry entry;
    entry.gold = run.gold;
    entry.what = run.request.what;
    entry.run_id = run.request.run_id;
    entry.state = state;
    entry.rows = rows;
    entry.started_at = on_.wall();
    golds_.record(entry, [](const auto&) {});
    pass();
  }
  void fill(const actors::run_window& run) {
    golds_.fill(run, [](const auto&, auto) {});
    pass();
  }
  gold_server::failure replace(const actors::run_window& run) {
    gold_server::failure result;
    golds_.replace(run, [&](const auto& failed) { result = failed; });
    pass();
    return result;
  }
  const gold_server::published_window& shown() const {
    return golds_.published(order_hours).begin()->second;
  }

  static constexpr std::int64_t hour_ = 1'771'578'000;
  stage on_{1, nullptr};
  clickhouse_server silver_{on_};
  gold_server golds_{on_, silver_};
};

TEST_F(GoldServer, PublishesWhatWasReadNotWhatIsThereNow) {
  insert(1, 5, 1);
  fill(order(1, 1));
  insert(1, 6, 2);
  EXPECT_FALSE(replace(order(1, 1)));
  ASSERT_THAT(shown().parts, SizeIs(1));
  EXPECT_EQ(shown().parts.begin()->second.front().amount, 5);
}

TEST_F(GoldServer, EmptiesAWindowWithoutRows) {
  insert(1, 5, 1);
  fill(order(1, 1));
  EXPECT_FALSE(replace(order(1, 1)));
  insert(1, 5, 2, true);
  fill(order(1, 2));
  EXPECT_FALSE(replace(order(1, 2)));
  EXPECT_THAT(shown().parts, IsEmpty());
}

TEST_F(GoldServer, PublishesNothingWhoseStagingTableIsGone) {
  fill(order(1, 1));
  golds_.drop_staging(order(1, 1).request.run_id, [](const auto&) {});
  pass();
  EXPECT_TRUE(replace(order(1, 1)));
}

TEST_F(GoldServer, FindsAWindowThatShowsAnOlderRun) {
  insert(1, 5, 1);
  fill(order(1, 1));
  fill(order(2, 1));
  EXPECT_FALSE(replace(order(2, 1)));
  record(order(2, 1), gold::run_state::done, 1);
  EXPECT_THAT(golds_.unsound(), IsEmpty());
  EXPECT_FALSE(replace(order(1, 1)));
  EXPECT_THAT(golds_.unsound(), SizeIs(1));
  EXPECT_EQ(on_.counts["stale publications"], 1);
}

TEST_F(GoldServer, FindsAWindowThatAFormerTermMayHaveEmptied) {
  record(order(1, 1), gold::run_state::running);
  record(order(2, 1), gold::run_state::done, 1);
  EXPECT_THAT(golds_.unsound(), SizeIs(1));
  record(order(2, 2), gold::run_state::done, 0);
  EXPECT_THAT(golds_.unsound(), IsEmpty());
}

TEST_F(GoldServer, BringsBackWhatWasReplacedWhenItIsKilled) {
  on_.faults.parts_back = 1;
  insert(1, 5, 1);
  for (const std::uint64_t count : {1U, 2U}) {
    fill(order(1, count));
    EXPECT_FALSE(replace(order(1, count)));
    record(order(1, count), gold::run_state::done, 1);
  }
  EXPECT_THAT(golds_.unsound(), IsEmpty());
  golds_.killed();
  EXPECT_THAT(shown().parts, SizeIs(2));
  EXPECT_THAT(golds_.unsound(), SizeIs(1));
}

TEST_F(GoldServer, KeepsTheOutcomeOfARunWhenItsBeginComesLate) {
  record(order(1, 1), gold::run_state::done, 1);
  record(order(1, 1), gold::run_state::running);
  EXPECT_EQ(golds_.unfinished(), 0);
}

} // namespace
} // namespace sluice::simulation
