#include "actors/takeover.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace sluice::actors {

namespace {

using condition = tl::unexpected<std::string>;

std::string number(std::int64_t value) { return std::to_string(value); }

/// Whether the table is to begin again: no owner has begun since its reset.
bool is_reset(const table_standing& table, const partition_standing& of) {
  const auto known = position_of(of.metadata, table.name);
  return (known ? known->epoch : of.metadata.epoch) < table.reset;
}

kafka::ledger_table place(const table_standing& table,
                          const partition_standing& of) {
  kafka::ledger_table result;
  result.attached = table.refused.empty();
  const auto reset = is_reset(table, of);
  const auto known = position_of(of.metadata, table.name);
  if (known && !reset) {
    result.at = *known;
    return result;
  }
  result.at.table = kafka::name_hash(table.name);
  result.at.epoch = reset ? table.reset : of.metadata.epoch;
  if (table.starts_at_end)
    result.at.frontier = of.bounds.end;
  else
    result.at.frontier = std::clamp(table.start.value_or(of.bounds.start),
                                    of.bounds.start, of.bounds.end);
  // A cut is taken whole: who begins within one begins where it begins.
  for (const auto& intent : of.metadata.intents)
    if (intent.lo < result.at.frontier && result.at.frontier < intent.hi)
      result.at.frontier = intent.lo;
  // Whatever was intended, nobody was sent it in this epoch.
  if (reset)
    result.at.attempted = result.at.frontier;
  return result;
}

/// End of what a table may have been sent: beyond it silver has no row of this
/// epoch.
std::int64_t end_of_sent(const kafka::ledger_table& table,
                         const kafka::position_metadata& metadata) {
  auto result = table.at.frontier;
  for (const auto& intent : metadata.intents)
    if (!table.at.attempted || intent.hi <= *table.at.attempted)
      result = std::max(result, intent.hi);
  return result;
}

std::int64_t smallest_frontier(const std::vector<kafka::ledger_table>& of) {
  auto result = std::numeric_limits<std::int64_t>::max();
  for (const auto& each : of)
    result = std::min(result, each.at.frontier);
  return result;
}

/// Moves every table to where the log begins, under an epoch that no token, row
/// or version has.
bool begin_epoch(takeover& to, const partition_standing& of) {
  auto epoch = to.metadata.epoch;
  for (const auto& each : to.tables)
    epoch = std::max(epoch, each.at.epoch);
  // Also of those that the topology has no more: it may have them again.
  for (const auto& each : of.metadata.tables)
    epoch = std::max(epoch, each.epoch);
  if (epoch == std::numeric_limits<std::uint16_t>::max())
    return false;
  ++epoch;
  to.metadata.epoch = epoch;
  to.metadata.intents.clear();
  to.metadata.last.reset();
  to.expected.reset();
  for (auto& each : to.tables)
    each.at = {each.at.table, of.bounds.start, {}, epoch, {}};
  return true;
}

constexpr auto no_epoch_left =
    "the partition has had 65,535 deliberate restarts, more than a row's "
    "version can count; use another consumer group and other tables";

/// Drops what lies below the start of the log. A cut of which a part is left
/// keeps its name: a former owner's insert of the whole may still arrive, and
/// only one of the two counts.
void leave_behind(takeover& to, std::int64_t start) {
  auto& intents = to.metadata.intents;
  std::erase_if(intents,
                [=](const kafka::cut& intent) { return intent.hi <= start; });
  auto first = start;
  for (const auto& intent : intents)
    first = std::min(first, intent.lo);
  for (auto& each : to.tables) {
    auto& at = each.at;
    at.frontier = std::max(at.frontier, first);
    if (at.attempted)
      at.attempted = std::max(*at.attempted, at.frontier);
    std::erase_if(at.splits,
                  [&](std::int64_t split) { return split <= at.frontier; });
  }
}

tl::expected<void, std::string> check_lost(takeover& to,
                                           const partition_standing& of,
                                           const topology::recovery& policy) {
  const auto first = of.bounds.start;
  const auto held = smallest_frontier(to.tables);
  if (held >= first)
    return {};
  const auto what = "records lost: offsets " + number(held) + " to "
                    + number(first - 1)
                    + " are gone from the topic before every table had them";
  if (policy.records_lost == topology::on_records_lost::stop)
    return condition{what
                     + "; restore them, or set recovery.records_lost: continue "
                       "to go on without them"};
  leave_behind(to, first);
  to.notes.push_back(what + "; goes on at " + number(first));
  return {};
}

tl::expected<void, std::string>
check_partitions(takeover& to, const partition_standing& of,
                 const topology::recovery& policy) {
  auto& known = to.metadata.partition_count;
  const auto before = std::exchange(known, std::max(known, of.partition_count));
  if (before == 0 || of.partition_count <= before || !of.ordered_by_partition)
    return {};
  const auto what = "partitions added: the topic had " + number(before)
                    + " partitions and has " + number(of.partition_count)
                    + ", so that a key's records may be in two of them";
  if (policy.partitions_added == topology::on_partitions_added::stop)
    return condition{what
                     + " and their order is not known; set "
                       "recovery.partitions_added: continue if keys stayed "
                       "where they were"};
  to.notes.push_back(what);
  return {};
}

tl::expected<void, std::string> check_silver(takeover& to,
                                             const partition_standing& of,
                                             const topology::recovery& policy) {
  auto restart = false;
  for (std::size_t i = 0; i < of.tables.size(); ++i) {
    const auto& table = of.tables[i];
    auto& place = to.tables[i];
    const auto end = end_of_sent(place, to.metadata);
    if (!table.newest || *table.newest < end)
      continue;
    const auto what = "silver ahead: table " + table.name
                      + " has rows up to offset " + number(*table.newest)
                      + ", but Kafka's position for it ends at " + number(end)
                      + " (offsets reset, expired or restored?)";
    using topology::on_silver_ahead;
    if (policy.silver_ahead == on_silver_ahead::stop)
      return condition{what
                       + "; set recovery.silver_ahead to skip_existing or "
                         "new_epoch"};
    to.notes.push_back(what);
    if (policy.silver_ahead == on_silver_ahead::new_epoch) {
      restart = true;
      continue;
    }
    auto& at = place.at;
    at.frontier = *table.newest + 1;
    at.attempted.reset();
    at.splits.clear();
  }
  if (restart && !begin_epoch(to, of))
    return condition{no_epoch_left};
  return {};
}

takeover draw_up(const partition_standing& of) {
  takeover result;
  result.metadata = of.metadata;
  for (const auto& each : of.tables)
    result.tables.push_back(place(each, of));
  const auto& last = of.metadata.last;
  if (last && last->offset >= of.bounds.start && last->offset < of.bounds.end)
    result.expected = last;
  return result;
}

void settle(takeover& to) {
  to.offset = smallest_frontier(to.tables);
  std::erase_if(to.metadata.intents, [&](const kafka::cut& intent) {
    return intent.lo < to.offset;
  });
  if (to.metadata.last && to.metadata.last->offset >= to.offset)
    to.metadata.last.reset();
  // Reading begins at that record, so it must not lie behind what is read.
  if (to.expected && to.expected->offset >= to.offset)
    to.expected.reset();
}

} // namespace

std::optional<kafka::table_position>
position_of(const kafka::position_metadata& metadata,
            const std::string& table) {
  const auto found = std::ranges::find(metadata.tables, kafka::name_hash(table),
                                       &kafka::table_position::table);
  if (found == metadata.tables.end())
    return std::nullopt;
  return *found;
}

takeover first_position(const partition_standing& of) {
  auto result = draw_up(of);
  settle(result);
  return result;
}

tl::expected<takeover, std::string>
take_over(const partition_standing& of, const topology::recovery& policy) {
  auto result = draw_up(of);
  if (of.committed.offset && *of.committed.offset > of.bounds.end)
    return take_over_replaced(
        of, policy,
        "the committed offset is " + number(*of.committed.offset)
            + ", but the log ends at " + number(of.bounds.end));
  for (const auto& each : of.tables)
    if (each.newest && *each.newest >= of.bounds.end)
      return take_over_replaced(of, policy,
                                "table " + each.name + " has rows up to offset "
                                    + number(*each.newest)
                                    + ", but the log ends at "
                                    + number(of.bounds.end));
  // Offsets set by hand, or of an earlier tool: every table begins there.
  if (of.committed.offset && of.metadata.tables.empty()) {
    for (auto& each : result.tables) {
      each.at.frontier = *of.committed.offset;
      each.at.attempted.reset();
    }
    result.notes.push_back("offset set from outside: begins at "
                           + number(*of.committed.offset)
                           + " without a look at what lies before");
  }
  for (std::size_t i = 0; i < of.tables.size(); ++i)
    if (is_reset(of.tables[i], of))
      result.notes.push_back(
          "table " + of.tables[i].name + " was reset: begins at "
          + number(result.tables[i].at.frontier) + " as epoch "
          + number(result.tables[i].at.epoch));
  for (const auto check : {check_lost, check_partitions, check_silver})
    if (auto passed = check(result, of, policy); !passed)
      return condition{passed.error()};
  settle(result);
  return result;
}

tl::expected<takeover, std::string>
take_over_replaced(const partition_standing& of,
                   const topology::recovery& policy, const std::string& how) {
  const auto what = "topic replaced: " + how;
  if (policy.topic_replaced == topology::on_topic_replaced::stop)
    return condition{what
                     + "; set recovery.topic_replaced: new_epoch to take the "
                       "topic from its start"};
  auto result = draw_up(of);
  if (!begin_epoch(result, of))
    return condition{no_epoch_left};
  result.metadata.partition_count = of.partition_count;
  result.notes.push_back(what + "; taken from its start as epoch "
                         + number(result.metadata.epoch));
  settle(result);
  return result;
}

} // namespace sluice::actors
