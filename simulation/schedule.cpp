#include "simulation/schedule.hpp"

#include <algorithm>

#include "simulation/events.hpp"
#include "simulation/gold_verdict.hpp"
#include "simulation/verdict.hpp"

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;

/// By when a healthy cluster must have caught up.
constexpr instant healing_time = std::chrono::minutes{30};
/// By when its gold must be what silver says.
constexpr instant settling_time = std::chrono::minutes{5};

std::vector<kafka::topic_partition> draw_partitions(random_source& chance) {
  std::vector<kafka::topic_partition> result;
  for (const auto* topic : {orders_topic, users_topic}) {
    const auto count = static_cast<int>(chance.between(1, 2));
    for (auto partition = 0; partition < count; ++partition)
      result.push_back({topic, partition});
  }
  return result;
}

topology::tuning draw_tuning(random_source& chance) {
  topology::tuning result;
  result.cut_rows = 1 + chance.below(10);
  result.cut_bytes = 100 + chance.below(1000);
  result.cut_age = std::chrono::milliseconds{chance.between(50, 1000)};
  result.cuts_in_flight = 1 + chance.below(4);
  result.credit_bytes = result.cut_bytes * (1 + chance.below(4));
  result.writers = 1 + chance.below(2);
  result.gold_runs = 1 + chance.below(3);
  return result;
}

/// Half of the faults are switched on, each with a rate of its own.
odds draw_odds(random_source& chance) {
  odds result;
  for (auto* each :
       {&result.commit_lost, &result.commit_reply_lost, &result.commit_slow,
        &result.insert_lost, &result.insert_reply_lost,
        &result.insert_done_later, &result.insert_failed_inside,
        &result.too_many_parts, &result.out_of_memory, &result.insert_torn,
        &result.letter_lost, &result.letter_reply_lost, &result.fetch_slow,
        &result.append_lost, &result.append_reply_lost, &result.append_late,
        &result.append_doubled, &result.select_failed, &result.parts_back})
    if (chance.chance(0.5))
      *each = 0.2 * static_cast<double>(chance.below(1000)) / 1000;
  // Two rare things have to meet for it.
  result.parts_back *= 5;
  return result;
}

table_traits draw_traits(random_source& chance, const topology::table& of) {
  table_traits result;
  result.spread = static_cast<int>(chance.between(1, 3));
  result.replacing = of.mode == topology::table_mode::latest;
  if (chance.chance(0.5))
    result.window = 1 + chance.below(3);
  if (chance.chance(0.3))
    result.rows_max = 1 + chance.below(5);
  return result;
}

topology::topology draw_topology(random_source& chance) {
  auto result = make_topology();
  result.tuning = draw_tuning(chance);
  result.golds = draw_golds(chance);
  if (chance.chance(0.5))
    result.recovery.records_lost = topology::on_records_lost::proceed;
  return result;
}

class schedule {
public:
  schedule(std::uint64_t seed, std::ostream* trace_to)
      : on_{seed, trace_to}, logs_{on_, draw_partitions(on_.chance)},
        group_{on_, logs_}, clickhouse_{on_},
        cluster_{on_,
                 logs_,
                 group_,
                 clickhouse_,
                 draw_topology(on_.chance),
                 {},
                 {},
                 control_topic{on_},
                 gold_server{on_, clickhouse_}},
        nodes_{cluster_}, events_{cluster_, nodes_} {
    cluster_.tables = lay_out(cluster_.what);
    cluster_.golds.create(cluster_.what.golds);
    for (const auto& table : cluster_.what.tables)
      clickhouse_.create(table.name, draw_traits(on_.chance, table));
    logs_.on_append = [this](const auto& where) { nodes_.appended(where); };
  }
  ~schedule() { on_.time.end(); }
  schedule(const schedule&) = delete;
  schedule& operator=(const schedule&) = delete;

  schedule_result run() {
    on_.faults = draw_odds(on_.chance);
    const auto faulty_for = on_.chance.within(3s, 30s);
    events_.plan(faulty_for);
    on_.time.run_until(faulty_for, [] { return false; });
    heal();
    settle();
    auto violations = judge(cluster_);
    const auto wrong = judge_golds(cluster_);
    violations.insert(violations.end(), wrong.begin(), wrong.end());
    on_.violations.insert(on_.violations.end(), violations.begin(),
                          violations.end());
    if (!violations.empty())
      for (const auto& reason : cluster_.reasons)
        on_.violations.push_back("a node said: " + reason);
    return {0, on_.violations, on_.counts, on_.time.now()};
  }

private:
  void heal() {
    on_.out.line("schedule", [] { return "everything heals"; });
    on_.faults = {};
    events_.heal();
    on_.time.run_until(on_.time.now() + healing_time,
                       [this] { return is_drained(cluster_); });
    // What a former life has sent is over by then.
    on_.time.run_until(on_.time.now() + clickhouse_server::statement_lifetime,
                       [] { return false; });
  }

  /// Gold has time until nothing is due any more, for so long that to a leader
  /// that has just taken over no partition holds a watermark back: it has seen
  /// them all a moment ago.
  void settle() {
    gold_watch watch{cluster_};
    auto quiet = 0s;
    for (const auto& each : cluster_.what.golds)
      if (each.on_watermark)
        quiet = std::max(quiet, each.window.idle + 1s);
    const auto end = on_.time.now() + settling_time;
    auto settled_at = on_.time.now();
    while (on_.time.now() < end) {
      if (!watch.is_settled())
        settled_at = on_.time.now() + 1s;
      else if (on_.time.now() >= settled_at + quiet)
        break;
      on_.time.run_until(on_.time.now() + 1s, [] { return false; });
    }
    const auto left = watch.due();
    on_.violations.insert(on_.violations.end(), left.begin(), left.end());
    on_.counts["gold runs that nobody ended"] += cluster_.golds.unfinished();
  }

  stage on_;
  broker logs_;
  group_coordinator group_;
  clickhouse_server clickhouse_;
  cluster cluster_;
  node_set nodes_;
  events events_;
};

} // namespace

schedule_result run_schedule(std::uint64_t seed, std::ostream* trace_to) {
  auto result = schedule{seed, trace_to}.run();
  result.seed = seed;
  return result;
}

} // namespace sluice::simulation
