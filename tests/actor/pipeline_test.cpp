// A whole pipeline (consumer, transformer, writer) between a topic and a table
// in memory that fail on demand: whichever call fails, no row is lost and none
// is doubled.
#include <algorithm>

#include "actors/batching_writer.hpp"
#include "actors/dead_letter_writer.hpp"
#include "actors/partition_consumer.hpp"
#include "actors/table_transformer.hpp"
#include "tests/support/actor_test.hpp"
#include "tests/support/fake_partition.hpp"

namespace sluice::actors {
namespace {

using namespace std::chrono_literals;

/// ClickHouse as far as it matters here: it knows blocks by their tokens.
struct fake_table {
  std::map<std::string, silver::block_ptr> blocks;
  int calls = 0;
  /// The call (from 1) that fails, and whether its rows are written first.
  int failing_call = 0;
  bool written_before_failure = false;

  std::optional<clickhouse::error> insert(const insert_block& work) {
    ++calls;
    const auto fails = calls == failing_call;
    if (!fails || written_before_failure) {
      const auto [known, added] = blocks.emplace(work.token, work.rows);
      if (!added) {
        EXPECT_EQ(known->second->bytes(), work.rows->bytes())
            << work.token << " is bound to one block";
      }
    }
    if (fails)
      return clickhouse::error{clickhouse::remedy::retry, 0, true, "time-out"};
    return std::nullopt;
  }
  [[nodiscard]] rows_told tell(const ask_rows& what,
                               std::size_t offset_column) const {
    std::vector<std::int64_t> result;
    for (const auto& each : blocks)
      for (const auto offset : each.second->int64_values(offset_column))
        if (offset >= what.range.lo && offset < what.range.hi)
          result.push_back(offset);
    std::ranges::sort(result);
    return {result};
  }
  [[nodiscard]] std::size_t rows() const {
    std::size_t result = 0;
    for (const auto& each : blocks)
      result += each.second->rows();
    return result;
  }
};

class Pipeline : public actor_test {
protected:
  static constexpr int records = 47;

  void SetUp() override {
    topology::table table;
    table.name = "users";
    table.topic = "users";
    table.key = {"id"};
    topology::column id;
    id.name = "id";
    id.type = "Int32";
    id.from = "id";
    table.columns = {id};
    layout_ =
        std::make_shared<const silver::table_layout>(*silver::lay_out(table));
    for (auto i = 0; i < records; ++i)
      kafka_.produce(R"({"id":1})",
                     R"({"op":"c","after":{"id":)" + std::to_string(i) + "}}");
    tuning_.cut_rows = 5;
  }

  void start() {
    const auto reports = no_reports();
    const auto spawn_inserter = [this] {
      return own(system_.spawn([this]() -> inserter_actor::behavior_type {
        return {[this](const insert_block& work) {
                  return insert_answered{table_.insert(work)};
                },
                [this](const ask_rows& what) {
                  return table_.tell(what, layout_->offset_column);
                },
                [](const ask_newest&) {
                  return newest_told{std::optional<std::int64_t>{}};
                }};
      }));
    };
    const auto writer = own(system_.spawn(
        batching_writer, batching_writer_parts{
                             "users", layout_->offset_column, spawn_inserter, 2,
                             std::chrono::minutes{10}, metrics_.table("users"),
                             reports, [] { return status::instant{}; }}));
    const auto letters = own(system_.spawn(
        dead_letter_writer, dead_letter_writer_parts{nullptr, "dlq", reports}));
    const auto fetcher =
        own(system_.spawn([]() -> record_fetcher_actor::behavior_type {
          return {[](const fetch_record&) { return record_fetched{}; },
                  [](const find_offset&) { return offset_found{}; },
                  [](const find_retention&) { return retention_told{}; }};
        }));
    auto parts = std::make_shared<partition_consumer_parts>(
        metrics_.partition("users", 0));
    parts->source = kafka_.open();
    parts->committed = kafka_.stored;
    parts->bounds = kafka_.bounds();
    parts->tuning = tuning_;
    parts->tables = {{"users", {}, true, writer}};
    parts->records = fetcher;
    parts->spawn_transformers = [=, this](
                                    const partition_consumer_actor& consumer,
                                    const std::vector<std::uint16_t>& epochs) {
      return std::vector{own(system_.spawn(
          table_transformer, table_transformer_parts{layout_,
                                                     "test",
                                                     {"users", 0},
                                                     epochs.front(),
                                                     0,
                                                     consumer,
                                                     writer,
                                                     letters,
                                                     fetcher,
                                                     metrics_.table("users"),
                                                     reports}))};
    };
    parts->memory = memory_;
    parts->slots = std::make_shared<insert_slots>(1000);
    parts->reports = reports;
    consumer_ = own(system_.spawn(partition_consumer, std::move(parts)));
    settle();
  }

  void kill() {
    caf::anon_send_exit(consumer_, caf::exit_reason::kill);
    settle();
    kafka_.commits.clear(); // their answers go to nobody
    kafka_.started = false;
  }

  /// Lets everything happen; the commit number `failing` (from 1) fails, after
  /// the broker has taken it or not.
  void run(int failing = 0, bool taken = false) {
    for (auto quiet = 0; quiet < 60; ++quiet) {
      while (!kafka_.commits.empty()) {
        quiet = 0;
        if (++commits_ == failing) {
          if (taken)
            kafka_.stored = {kafka_.commits.front().offset,
                             kafka_.commits.front().metadata};
          kafka_.answer_commit(kafka::commit_status::retry, "time-out");
        } else {
          kafka_.answer_commit();
        }
        settle();
      }
      pass(100ms);
    }
  }

  void expect_exactly_once() {
    EXPECT_EQ(table_.rows(), static_cast<std::size_t>(records));
    EXPECT_EQ(kafka_.stored.offset, records);
    const auto stored =
        kafka::decode_position_metadata(kafka_.stored.metadata, records);
    ASSERT_TRUE(stored);
    EXPECT_TRUE(stored->intents.empty());
  }

  status::registry metrics_{"test", "test"};
  std::shared_ptr<memory_budget> memory_ =
      std::make_shared<memory_budget>(256U << 20U);
  kafka::fake_partition kafka_{{"users", 0}};
  fake_table table_;
  topology::tuning tuning_;
  std::shared_ptr<const silver::table_layout> layout_;
  partition_consumer_actor consumer_;
  int commits_ = 0;
};

TEST_F(Pipeline, WritesEveryRecordOnce) {
  start();
  run();
  expect_exactly_once();
}

/// Runs the body for the n-th call, n = 1, 2, ..., until n exceeds the calls.
class PipelineNthFailure
    : public Pipeline,
      public ::testing::WithParamInterface<std::tuple<int, bool>> {};

TEST_P(PipelineNthFailure, AnInsertThatFailsIsRepeated) {
  std::tie(table_.failing_call, table_.written_before_failure) = GetParam();
  start();
  run();
  expect_exactly_once();
}

TEST_P(PipelineNthFailure, ACommitThatFailsIsRepeated) {
  start();
  run(std::get<0>(GetParam()), std::get<1>(GetParam()));
  expect_exactly_once();
}

TEST_P(PipelineNthFailure, AKillAtAnyCommitIsSurvived) {
  const auto [at, taken] = GetParam();
  start();
  for (auto commit = 1; commit < at && !kafka_.commits.empty(); ++commit) {
    kafka_.answer_commit();
    settle();
    pass(1s);
  }
  if (taken && !kafka_.commits.empty())
    kafka_.stored = {kafka_.commits.front().offset,
                     kafka_.commits.front().metadata};
  kill();
  start();
  run();
  expect_exactly_once();
}

INSTANTIATE_TEST_SUITE_P(Nth, PipelineNthFailure,
                         ::testing::Combine(::testing::Range(1, 13),
                                            ::testing::Bool()));

} // namespace
} // namespace sluice::actors
