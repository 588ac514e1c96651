#include "simulation/events.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t nodes_max = 4;
/// Rows of the workload; few, so that a latest table has something to replace.
constexpr std::int64_t ids = 12;

} // namespace

events::events(cluster& what, node_set& nodes)
    : what_{what}, on_{what.on}, nodes_{nodes},
      static_members_{on_.chance.chance(0.3)}, poisons_{on_.chance.chance(0.3)},
      deletes_unread_{what.what.golds.empty() && on_.chance.chance(0.7)},
      resets_{on_.chance.chance(0.3)}, people_{what} {
  for (const auto* topic : {orders_topic, users_topic})
    sources_.try_emplace(topic, on_, poisons_);
}

std::optional<int> events::new_instance() {
  if (!static_members_)
    return std::nullopt;
  return ++last_instance_;
}

void events::plan(instant faulty_for) {
  for (auto count = on_.chance.between(1, 3); count > 0; --count)
    on_.time.after(on_.chance.within(0s, 2s),
                   [this] { nodes_.add(new_instance()); });
  produce(faulty_for);
  for (auto count = on_.chance.between(0, 8); count > 0; --count)
    on_.time.after(on_.chance.within(1s, faulty_for), [this] { happen(); });
}

const kafka::topic_partition& events::any_partition() {
  const auto& logs = what_.logs.logs();
  return std::next(logs.begin(),
                   static_cast<std::ptrdiff_t>(on_.chance.below(logs.size())))
      ->first;
}

void events::append(const kafka::topic_partition& where,
                    kafka::owned_record record) {
  const auto offset = what_.logs.log(where).end;
  for (const auto& table : what_.what.tables) {
    if (table.topic != where.topic)
      continue;
    if (poisons_ && on_.chance.chance(0.05)
        && fate_of(record, table) != fate::nothing)
      what_.clickhouse.poison(table.name, {where.partition, offset});
    if (fate_of(record, table) == fate::deletion && is_joined(table.name))
      ++on_.counts["joined rows deleted"];
  }
  what_.logs.append(where, std::move(record));
}

bool events::is_joined(const std::string& table) const {
  return std::ranges::any_of(what_.what.golds, [&](const auto& gold) {
    return std::ranges::find(gold.joins, table, &topology::gold_join::table)
           != gold.joins.end();
  });
}

void events::produce(instant within) {
  for (auto count = on_.chance.between(20, 120); count > 0; --count)
    on_.time.after(on_.chance.within(0s, within), [this] {
      const auto& where = any_partition();
      if (on_.chance.chance(0.05))
        return change_key(where);
      const auto id = any_id(where);
      append(where, sources_.at(where.topic)
                        .next(id, on_.chance.between(0, 2 * ids - 1)));
    });
}

/// A key stays in its partition.
std::int64_t events::any_id(const kafka::topic_partition& where) {
  return on_.chance.between(0, ids - 1) * what_.logs.partitions_of(where.topic)
         + where.partition;
}

/// To one of any partition.
void events::change_key(const kafka::topic_partition& from) {
  const auto partitions = what_.logs.partitions_of(from.topic);
  const kafka::topic_partition to{
      from.topic,
      static_cast<std::int32_t>(on_.chance.between(0, partitions - 1))};
  const auto id = any_id(from);
  auto changed = sources_.at(from.topic).change_key(id, any_id(to));
  if (!changed)
    return;
  append(from, std::move(changed->removed));
  append(to, std::move(changed->created));
}

void events::happen() {
  using action = void (events::*)();
  constexpr std::array<action, 18> actions{
      &events::kill_node,          &events::kill_node,
      &events::kill_node,          &events::pause_node,
      &events::pause_node,         &events::pause_newcomer,
      &events::leave_node,         &events::lose_table,
      &events::stall_clickhouse,   &events::restart_clickhouse,
      &events::delete_head,        &events::delete_with_owners,
      &events::delete_with_owners, &events::leave_gap,
      &events::reset_table,        &events::reset_table,
      &events::reset_table,        nullptr};
  const auto chosen = actions[on_.chance.below(actions.size())];
  if (chosen != nullptr)
    return (this->*chosen)();
  if (nodes_.running() < nodes_max && on_.chance.chance(0.5))
    nodes_.add(new_instance());
  else
    what_.group.shuffle();
}

void events::kill_node() {
  auto* victim = nodes_.any_running();
  if (victim == nullptr)
    return;
  ++on_.counts["nodes killed"];
  victim->kill();
  // Long enough, now and then, for a window of tokens to have moved on.
  const auto away = on_.chance.chance(0.25) ? on_.chance.within(60s, 200s)
                                            : on_.chance.within(50ms, 15s);
  on_.time.after(
      away, [this, instance = victim->instance()] { nodes_.add(instance); });
}

void events::pause_node() {
  auto* victim = nodes_.any_running();
  if (victim == nullptr)
    return;
  ++on_.counts["nodes that stood still"];
  victim->pause();
  on_.time.after(on_.chance.within(500ms, 25s), [victim] {
    if (victim->is_paused())
      victim->resume();
  });
}

/// A node that has just got partitions has not begun with them yet.
void events::pause_newcomer() {
  what_.group.shuffle();
  on_.time.after(on_.chance.within(10ms, 500ms), [this] { pause_node(); });
}

void events::leave_node() {
  auto* leaving = nodes_.any_running();
  if (leaving == nullptr)
    return;
  ++on_.counts["nodes that left"];
  leaving->leave();
  on_.time.after(on_.chance.within(1s, 10s),
                 [this] { nodes_.add(new_instance()); });
}

void events::lose_table() {
  const auto& tables = what_.what.tables;
  const auto& name = tables[on_.chance.below(tables.size())].name;
  ++on_.counts["tables missing for a while"];
  what_.clickhouse.drop_table(name);
  on_.time.after(on_.chance.within(500ms, 40s),
                 [this, name] { what_.clickhouse.restore_table(name); });
}

void events::stall_clickhouse() {
  ++on_.counts["stalls of ClickHouse"];
  what_.clickhouse.stall(on_.time.now() + on_.chance.within(500ms, 40s));
}

void events::restart_clickhouse() {
  ++on_.counts["restarts of ClickHouse"];
  what_.golds.killed();
  what_.clickhouse.restart(on_.time.now() + on_.chance.within(200ms, 10s));
}

void events::delete_head() {
  if (resets_)
    return;
  const auto& where = any_partition();
  const auto& log = what_.logs.log(where);
  const auto last =
      deletes_unread_ ? log.end : log.committed.offset.value_or(0);
  if (last > 0)
    what_.logs.delete_head(where, on_.chance.between(0, last));
}

/// Retention takes a part of what is being written, and whoever wrote it is
/// gone: what it has sent is still under way when the rest is taken over.
void events::delete_with_owners() {
  if (!deletes_unread_ || resets_)
    return delete_head();
  const auto& where = any_partition();
  const auto& log = what_.logs.log(where);
  const auto first = log.committed.offset.value_or(0) + 1;
  if (first >= log.end)
    return;
  what_.logs.delete_head(
      where, on_.chance.between(first, std::min(first + 5, log.end - 1)));
  std::vector<std::optional<int>> instances;
  while (auto* victim = nodes_.any_running()) {
    ++on_.counts["nodes killed"];
    instances.push_back(victim->instance());
    victim->kill();
  }
  on_.time.after(on_.chance.within(50ms, 1s), [this, instances] {
    for (const auto& each : instances)
      nodes_.add(each);
  });
}

void events::leave_gap() {
  ++on_.counts["gaps in a log"];
  what_.logs.skip(any_partition(), on_.chance.between(1, 5));
}

void events::reset_table() {
  if (resets_)
    people_.reset_any();
}

/// Nobody is there for minutes, now and then: what the last owners have sent
/// may have left the windows of tokens by the time it is brought again.
void events::stand_idle() {
  if (!on_.chance.chance(0.2))
    return;
  ++on_.counts["times without a node"];
  nodes_.resume_all();
  while (auto* victim = nodes_.any_running())
    victim->kill();
  on_.time.run_until(on_.time.now() + on_.chance.within(90s, 200s),
                     [] { return false; });
}

void events::heal() {
  stand_idle();
  for (const auto& table : what_.what.tables)
    what_.clickhouse.restore_table(table.name);
  people_.finish();
  what_.clickhouse.relieve();
  // A person has read what the nodes say, and lets them go on.
  what_.what.recovery.records_lost = topology::on_records_lost::proceed;
  nodes_.resume_all();
  if (nodes_.running() == 0)
    nodes_.add(new_instance());
}

} // namespace sluice::simulation
