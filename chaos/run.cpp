#include "chaos/run.hpp"

#include <algorithm>
#include <array>
#include <csignal>

#include "chaos/gold_reader.hpp"
#include "chaos/silver_reader.hpp"
#include "chaos/stage.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::chaos {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;
template <class T>
using or_line = tl::expected<T, std::string>;

// A node drains within 20 s and ends after 25 s at the latest.
constexpr milliseconds node_end_deadline = 35s;
constexpr milliseconds command_deadline = 180s;
constexpr milliseconds statement_deadline = 60s;
// A stopped table is tried again after 30 s, 60 s, 120 s.
constexpr milliseconds drain_deadline = 300s;
// A leader looks for windows that are not what was run once a minute.
constexpr milliseconds gold_deadline = 300s;
constexpr milliseconds look_interval = 500ms;
// For the first rows to arrive before anything breaks.
constexpr milliseconds warm_up = 2s;

struct counted_mechanism {
  const char* name;
  const char* metric;
};
constexpr std::array mechanisms = {
    counted_mechanism{"intents replayed", "sluice_intents_replayed_total"},
    counted_mechanism{"tokens dropped", dropped_tokens},
    counted_mechanism{"commits refused", "sluice_commits_refused_total"},
    counted_mechanism{"splits", "sluice_splits_total"},
    counted_mechanism{"rows found in silver",
                      "sluice_rows_found_in_silver_total"},
    counted_mechanism{"rows quarantined", "sluice_rows_quarantined_total"},
};

class chaos_run {
public:
  explicit chaos_run(const run_options& options)
      : options_{options}, stage_{options},
        rounds_{options.seed, !options.broker_restart.empty()} {
    report_.seed = options.seed;
    report_.rounds_asked = options.rounds;
  }

  or_line<report> run();

private:
  /// Everything that may be interrupted or fail once it has begun.
  or_line<void> play();
  or_line<void> play_round(const round_plan& round);
  or_line<void> strike(const round_plan& round);
  or_line<void> kill_node(const round_plan& round);
  or_line<void> kill_clickhouse(const round_plan& round);
  or_line<void> pause_node(const round_plan& round);
  or_line<void> replace_node(const round_plan& round);
  or_line<void> add_node(const round_plan& round);
  or_line<void> hide_table(const round_plan& round);
  or_line<void> restart_broker();
  or_line<void> wait(milliseconds duration) const;
  or_line<void> mend_nodes();
  or_line<void> heal_and_drain();
  or_line<void> wait_for_gold();
  or_line<void> compare();
  or_line<void> compare_golds();
  void collect();
  void violation(std::string line) {
    report_.violations.push_back(std::move(line));
  }
  [[nodiscard]] std::size_t victim_of(const round_plan& round) const {
    return round.victim % options_.nodes;
  }

  const run_options& options_;
  stage stage_;
  schedule rounds_;
  report report_;
};

or_line<void> chaos_run::wait(milliseconds duration) const {
  if (options_.wait(duration))
    return tl::unexpected(std::string{interrupted_words});
  return {};
}

or_line<void> chaos_run::kill_node(const round_plan& round) {
  stage_.processes().kill_node(victim_of(round));
  return wait(round.away).and_then([&] {
    return stage_.start_node(victim_of(round));
  });
}

or_line<void> chaos_run::kill_clickhouse(const round_plan& round) {
  stage_.processes().kill_clickhouse();
  return wait(round.away).and_then([this] {
    return stage_.processes().start_clickhouse();
  });
}

or_line<void> chaos_run::pause_node(const round_plan& round) {
  stage_.processes().signal_node(victim_of(round), SIGSTOP);
  return wait(options_.session_timeout + round.away).map([&] {
    stage_.processes().signal_node(victim_of(round), SIGCONT);
  });
}

or_line<void> chaos_run::replace_node(const round_plan& round) {
  if (!stage_.processes().end_node(victim_of(round), node_end_deadline))
    violation("node " + std::to_string(victim_of(round))
              + " had not ended 35 s after SIGTERM");
  return wait(round.away).and_then([&] {
    return stage_.start_node(victim_of(round));
  });
}

or_line<void> chaos_run::add_node(const round_plan& round) {
  const auto number = options_.nodes;
  return stage_.start_node(number)
      .and_then([&] { return wait(2 * round.away + round.after); })
      .map([&] {
        if (!stage_.processes().end_node(number, node_end_deadline))
          violation("the extra node had not ended 35 s after SIGTERM");
      });
}

or_line<void> chaos_run::hide_table(const round_plan& round) {
  const auto& logs = stage_.copy().log_tables;
  const auto& name = logs[round.victim % logs.size()];
  const auto table = topology::quote_identifier(name);
  const auto hidden = topology::quote_identifier(name + "_hidden");
  return stage_
      .insist("RENAME TABLE " + table + " TO " + hidden, statement_deadline)
      .and_then([&] { return wait(round.away); })
      .and_then([&] {
        return stage_.insist("RENAME TABLE " + hidden + " TO " + table,
                             statement_deadline);
      });
}

or_line<void> chaos_run::restart_broker() {
  return stage_.processes().run({"/bin/sh", "-c", options_.broker_restart},
                                "broker-restart", command_deadline);
}

or_line<void> chaos_run::strike(const round_plan& round) {
  switch (round.what) {
  case disaster::weather:
    return {};
  case disaster::kill_node:
    return kill_node(round);
  case disaster::kill_clickhouse:
    return kill_clickhouse(round);
  case disaster::pause_node:
    return pause_node(round);
  case disaster::replace_node:
    return replace_node(round);
  case disaster::extra_node:
    return add_node(round);
  case disaster::stall: {
    stage_.proxy().stall(true);
    auto waited = wait(round.away);
    stage_.proxy().stall(false);
    return waited;
  }
  case disaster::missing_table:
    return hide_table(round);
  case disaster::restart_broker:
    return restart_broker();
  }
  return {};
}

or_line<void> chaos_run::play_round(const round_plan& round) {
  const std::string what{to_string(round.what)};
  options_.progress("round " + std::to_string(report_.rounds + 1) + ": " + what
                    + ", faults " + std::to_string(round.fault_percent) + " %");
  stage_.proxy().set_rate(round.fault_percent);
  stage_.records().add_poison(round.poison);
  stage_.broke(what);
  ++report_.disasters[static_cast<std::size_t>(round.what)];
  return strike(round)
      .and_then([&] { return wait(round.after); })
      .and_then([this] { return mend_nodes(); })
      .map([this] { ++report_.rounds; });
}

/// No node ends by itself.
or_line<void> chaos_run::mend_nodes() {
  auto& processes = stage_.processes();
  for (std::size_t number = 0; number < options_.nodes; ++number) {
    if (processes.is_node_running(number))
      continue;
    violation("node " + std::to_string(number)
              + " ended by itself: " + processes.last_words(number));
    if (auto started = stage_.start_node(number); !started)
      return started;
  }
  return {};
}

or_line<void> chaos_run::play() {
  if (auto waited = wait(warm_up); !waited)
    return waited;
  while (report_.rounds < options_.rounds)
    if (auto played = play_round(rounds_.next()); !played)
      return played;
  return heal_and_drain()
      .and_then([this] { return wait_for_gold(); })
      .and_then([this] { return compare(); })
      .and_then([this] { return compare_golds(); });
}

or_line<void> chaos_run::heal_and_drain() {
  options_.progress("healing, and waiting until everything is written");
  stage_.proxy().set_rate(0);
  if (!stage_.records().finish(statement_deadline))
    violation("Kafka did not acknowledge all records of the load");
  const auto until = steady_clock::now() + drain_deadline;
  std::optional<std::int64_t> unread;
  while (!(unread = stage_.unread()) || *unread != 0) {
    if (steady_clock::now() > until) {
      violation("not everything was read "
                + std::to_string(drain_deadline.count() / 1000)
                + " s after the last fault: "
                + std::to_string(unread.value_or(-1)) + " records are left");
      break;
    }
    if (auto waited = wait(look_interval); !waited)
      return waited;
    if (auto mended = mend_nodes(); !mended)
      return mended;
  }
  stage_.proxy().wait_for_late();
  // Counters are read once a second.
  return wait(1500ms);
}

or_line<void> chaos_run::compare() {
  options_.progress("comparing every table with the records in Kafka");
  const silver_reader reader{stage_.processes().clickhouse_port(),
                             stage_.copy().what.clickhouse.database};
  for (const auto& table : stage_.copy().what.tables) {
    const auto rows = reader.rows(table);
    const auto twice = reader.stored_twice(table.name);
    if (!rows || !twice)
      return tl::unexpected("table " + table.name + " cannot be read: "
                            + (rows ? twice.error() : rows.error()));
    stage_.look_at_model([&](const model& expected) {
      auto difference = expected.compare(table, *rows);
      // Of a latest table FINAL would hide them.
      difference.doubled = std::max(difference.doubled, *twice);
      report_.tables.push_back(std::move(difference));
    });
  }
  return {};
}

/// Everything is committed, so every change is marked in the control log.
or_line<void> chaos_run::wait_for_gold() {
  if (stage_.copy().what.golds.empty())
    return {};
  options_.progress("waiting until no window of gold is to be run");
  const auto until = steady_clock::now() + gold_deadline;
  std::optional<std::size_t> windows;
  while (!(windows = stage_.windows_to_run()) || *windows != 0) {
    if (steady_clock::now() > until) {
      violation((windows ? std::to_string(*windows)
                         : std::string{"an unknown number of"})
                + " windows of gold were to be run "
                + std::to_string(gold_deadline.count() / 1000)
                + " s after everything was read");
      break;
    }
    if (auto waited = wait(look_interval); !waited)
      return waited;
    if (auto mended = mend_nodes(); !mended)
      return mended;
  }
  return {};
}

or_line<void> chaos_run::compare_golds() {
  const auto& what = stage_.copy().what;
  if (what.golds.empty())
    return {};
  options_.progress("comparing every gold with its SQL over all of silver");
  const gold_reader reader{stage_.processes().clickhouse_port(),
                           what.clickhouse.database};
  for (const auto& gold : what.golds) {
    auto difference = reader.compare(gold);
    if (!difference)
      return tl::unexpected("gold " + gold.name
                            + " cannot be compared: " + difference.error());
    if (difference->rows == 0)
      violation("gold " + gold.name + ": its SQL yields no row of any window");
    report_.golds.push_back(std::move(*difference));
  }
  auto runs = reader.runs();
  if (!runs)
    return tl::unexpected("the ledger of gold cannot be read: " + runs.error());
  report_.gold_runs = std::move(*runs);
  return {};
}

void chaos_run::collect() {
  const auto counters = stage_.counters();
  for (const auto& one : mechanisms)
    report_.mechanisms.push_back(
        {one.name, static_cast<std::uint64_t>(counters.total(one.metric)),
         !counters.knows(one.metric)});
  for (const auto* name :
       {"sluice_cut_gaps_total", "sluice_cut_overlaps_total"})
    if (counters.total(name) > 0)
      violation(std::string{"the auditor counted "} + name);
  report_.memory_peak_bytes = counters.peak("sluice_memory_in_use_bytes");
  report_.memory_budget_bytes = counters.peak("sluice_memory_budget_bytes");
  if (report_.memory_budget_bytes > 0
      && report_.memory_peak_bytes > report_.memory_budget_bytes)
    violation("a node used more memory than its budget");
  report_.faults = stage_.proxy().played();
  report_.longest_gaps = stage_.longest_gaps();
  report_.notes = stage_.copy().notes;
  stage_.look_at_model([this](const model& of) {
    report_.records = of.records();
    report_.poison_records = of.poison_records();
    report_.quarantined = of.quarantined();
    for (const auto& line : of.surprises())
      violation(line);
    if (!report_.interrupted && of.records() < stage_.records().acknowledged())
      violation("records that Kafka acknowledged are not in its topics");
  });
  for (auto& line : stage_.troubles())
    violation(std::move(line));
}

or_line<report> chaos_run::run() {
  const auto begin = steady_clock::now();
  const auto finish = [&] {
    report_.took =
        std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    return std::move(report_);
  };
  options_.progress("starting ClickHouse, Kafka and "
                    + std::to_string(options_.nodes) + " nodes in "
                    + options_.directory.string());
  const auto ready = stage_.set_up();
  const auto played = ready ? play() : ready;
  report_.interrupted = !played && played.error() == interrupted_words;
  if (!played && !report_.interrupted) {
    if (!ready || report_.rounds == 0)
      return tl::unexpected(played.error());
    violation(played.error());
  }
  if (ready)
    collect();
  return finish();
}

} // namespace

or_line<report> run_chaos(const run_options& options) {
  return chaos_run{options}.run();
}

} // namespace sluice::chaos
