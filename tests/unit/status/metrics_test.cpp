#include "status/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace sluice::status {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Metrics, CountPartitionsTablesAndGolds) {
  registry all{"0.1.0", "commerce"};
  auto partition = all.partition("t", 3);
  partition.records_consumed.add(5);
  partition.lag_records.set(7);
  auto table = all.table("users");
  table.rows_written.add(4);
  table.dead_letters("not_json", 2);
  table.records_ignored("tombstone", 1);
  table.values_changed("clamp", 3);
  table.insert_time.observe(30ms);
  auto gold = all.gold("activity");
  gold.runs_done.add();
  gold.run_time.observe(2s);
  auto node = all.node();
  node.ready.set(1);
  node.actor_restarted("writer");
  const auto text = all.exposition();
  for (const auto* line :
       {"sluice_records_consumed_total{partition=\"3\",topic=\"t\"} 5\n",
        "sluice_consumer_lag_records{partition=\"3\",topic=\"t\"} 7\n",
        "sluice_rows_written_total{table=\"users\"} 4\n",
        "sluice_dead_letters_total{reason=\"not_json\",table=\"users\"} 2\n",
        "sluice_records_ignored_total{reason=\"tombstone\",table=\"users\"} "
        "1\n",
        "sluice_values_changed_total{policy=\"clamp\",table=\"users\"} 3\n",
        "sluice_insert_seconds_count{table=\"users\"} 1\n",
        "sluice_insert_seconds_bucket{table=\"users\",le=\"0.025\"} 0\n",
        "sluice_insert_seconds_bucket{table=\"users\",le=\"0.05\"} 1\n",
        "sluice_gold_runs_total{gold=\"activity\",outcome=\"done\"} 1\n",
        "sluice_gold_run_seconds_sum{gold=\"activity\"} 2\n",
        "sluice_ready 1\n", "sluice_actor_restarts_total{actor=\"writer\"} 1\n",
        "sluice_build_info{pipeline=\"commerce\",version=\"0.1.0\"} 1\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(Metrics, CountWhatRecoveryDoesUnderTheirStatedNames) {
  registry all{"0.1.0", "commerce"};
  auto partition = all.partition("t", 3);
  partition.intents_replayed.add(1);
  partition.commits_refused.add(2);
  partition.cut_gaps.add(3);
  partition.cut_overlaps.add(4);
  auto table = all.table("users");
  table.splits.add(5);
  table.rows_found_in_silver.add(6);
  table.rows_quarantined.add(7);
  auto node = all.node();
  node.memory_budget.set(256);
  node.memory_in_use.set(8);
  node.actors_waiting.set(2);
  const auto text = all.exposition();
  for (const auto* line :
       {"sluice_intents_replayed_total{partition=\"3\",topic=\"t\"} 1\n",
        "sluice_commits_refused_total{partition=\"3\",topic=\"t\"} 2\n",
        "sluice_cut_gaps_total{partition=\"3\",topic=\"t\"} 3\n",
        "sluice_cut_overlaps_total{partition=\"3\",topic=\"t\"} 4\n",
        "sluice_splits_total{table=\"users\"} 5\n",
        "sluice_rows_found_in_silver_total{table=\"users\"} 6\n",
        "sluice_rows_quarantined_total{table=\"users\"} 7\n",
        "sluice_memory_budget_bytes 256\n", "sluice_memory_in_use_bytes 8\n",
        "sluice_actors_waiting 2\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(Metrics, OfTheSameLabelsAreTheSameNumbers) {
  registry all{"0.1.0", "commerce"};
  all.table("users").rows_written.add(1);
  all.table("users").rows_written.add(1);
  EXPECT_THAT(all.exposition(),
              HasSubstr("sluice_rows_written_total{table=\"users\"} 2\n"));
}

TEST(Metrics, OfAPartitionThatWasGivenUpReadZero) {
  registry all{"0.1.0", "commerce"};
  auto partition = all.partition("t", 0);
  partition.lag_records.set(9);
  partition.credit_bytes_in_use.set(9);
  partition.gave_up();
  const auto text = all.exposition();
  EXPECT_THAT(
      text,
      HasSubstr(
          "sluice_consumer_lag_records{partition=\"0\",topic=\"t\"} 0\n"));
  EXPECT_THAT(
      text,
      HasSubstr("sluice_credit_bytes_in_use{partition=\"0\",topic=\"t\"} 0\n"));
}

TEST(Metrics, MayBeCountedFromManyThreads) {
  registry all{"0.1.0", "commerce"};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&all] {
      auto table = all.table("users");
      for (int n = 0; n < 500; ++n) {
        table.rows_written.add(1);
        table.dead_letters("not_json", 1);
      }
    });
  for (int n = 0; n < 20; ++n)
    EXPECT_FALSE(all.exposition().empty());
  for (auto& thread : threads)
    thread.join();
  EXPECT_THAT(all.exposition(),
              HasSubstr("sluice_rows_written_total{table=\"users\"} 2000\n"));
  EXPECT_THAT(all.exposition(),
              HasSubstr("reason=\"not_json\",table=\"users\"} "
                        "2000\n"));
}

} // namespace
} // namespace sluice::status
