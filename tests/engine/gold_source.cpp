#include "tests/engine/gold_source.hpp"

#include <tuple>

namespace sluice::clickhouse::testing {

namespace {

constexpr std::int64_t hour = 3'600;
constexpr std::int64_t day = 24 * hour;
/// 2026-03-08 07:00 UTC: 02:00 in New York becomes 03:00.
constexpr std::int64_t clocks_forward = source_begin + day + 7 * hour;
/// Of what is outside of all windows.
constexpr std::int64_t in_1975 = 5 * 365 * day;

constexpr std::array<std::int64_t, 3> keys{24, 50, 6};

std::vector<std::int64_t> days_in_utc(std::int64_t when) {
  return {when - when % day};
}

std::vector<std::int64_t> days_in_new_york(std::int64_t when) {
  const auto local = when - (when < clocks_forward ? 5 : 4) * hour;
  const auto date = local - local % day;
  // The day of the change began before it.
  const auto changed = clocks_forward - clocks_forward % day;
  return {date + (date <= changed ? 5 : 4) * hour};
}

std::vector<std::int64_t> hops(std::int64_t when) {
  const auto newest = when - when % (12 * hour);
  return {newest - 12 * hour, newest};
}

} // namespace

silver::table_layout layout_of(std::size_t table) {
  auto result = topology::table{};
  result.name = source_tables[table];
  result.topic = result.name;
  result.key = {"id"};
  const auto add = [&](const char* name, const char* type) {
    auto& column = result.columns.emplace_back();
    column.name = name;
    column.type = type;
  };
  add("id", "Int64");
  add("parent", "Int64");
  add("value", "Int64");
  if (table == orders)
    add("at", "DateTime64(3)");
  return silver::lay_out(result).value();
}

std::vector<topology::gold> golds_of_the_source() {
  auto one = topology::gold{};
  one.window.over_table = source_tables[orders];
  one.window.over_column = "at";
  one.on_change = true;
  one.key = {"customer"};
  one.columns = {{"customer", "Int64", {}},
                 {"orders", "UInt64", {}},
                 {"amount", "Int64", {}},
                 {"level", "Int64", {}}};
  auto child = topology::gold_join{};
  child.table = source_tables[items];
  child.column = "parent";
  child.over_column = "id";
  auto dimension = topology::gold_join{};
  dimension.table = source_tables[customers];
  dimension.column = "id";
  dimension.over_column = "parent";
  one.joins = {child, dimension};
  one.sql = R"(SELECT o.parent AS customer, count() AS orders,
       sum(l.amount) AS amount, sum(c.value) AS level
FROM (SELECT id, parent FROM orders
      WHERE at >= {window_start} AND at < {window_end} AND value = 1) AS o
LEFT JOIN (SELECT parent, sum(value) AS amount FROM items GROUP BY parent) AS l
  ON l.parent = o.id
LEFT JOIN customers AS c ON c.id = o.parent
GROUP BY customer)";
  std::vector<topology::gold> result(3, one);
  result[0].name = "by_day";
  result[0].window.unit = topology::window_unit::day;
  result[1].name = "by_local_day";
  result[1].window.unit = topology::window_unit::day;
  result[1].timezone = "America/New_York";
  result[2].name = "by_hop";
  result[2].window.every = std::chrono::hours{24};
  result[2].window.hop = std::chrono::hours{12};
  return result;
}

std::int64_t gold_source::below(std::int64_t bound) {
  return std::uniform_int_distribution<std::int64_t>{0, bound - 1}(random_);
}

/// Often at the very edge of an hour, where windows begin and end.
std::int64_t gold_source::any_time() {
  if (below(30) == 0)
    return (in_1975 + below(day)) * 1'000;
  if (below(3) > 0)
    return source_begin * 1'000 + below((source_end - source_begin) * 1'000);
  const auto hours = (source_end - source_begin) / hour;
  return (source_begin + (1 + below(hours - 1)) * hour) * 1'000 - below(2);
}

source_row gold_source::any_row(std::size_t table) {
  if (table == orders)
    return {below(keys[customers]), below(3) > 0 ? 1 : 0, any_time()};
  return {table == items ? below(keys[orders]) : 0, below(1'000) - 100, 0};
}

void gold_source::append(std::size_t table, const source_change& change) {
  auto& log =
      logs_[table][static_cast<std::size_t>(change.id) % source_partitions];
  log.push_back(change);
  // Other records take offsets too: a tombstone follows each removal.
  log.back().offset = log.size() == 1 ? below(5)
                                      : log[log.size() - 2].offset + 1
                                            + (below(4) == 0 ? 1 : 0);
}

void gold_source::put(std::size_t table, std::int64_t id, const source_row& row,
                      cdc::operation what) {
  rows_[table][id] = row;
  append(table, {what, 0, id, row});
}

void gold_source::remove(std::size_t table, std::int64_t id) {
  rows_[table].erase(id);
  append(table, {cdc::operation::remove, 0, id, {}});
}

void gold_source::change_something() {
  const auto dice = below(20);
  const auto table = dice < 10 ? orders : dice < 17 ? items : customers;
  const auto id = below(keys[table]);
  const auto found = rows_[table].find(id);
  if (found == rows_[table].end())
    return put(table, id, any_row(table),
               below(10) == 0 ? cdc::operation::read : cdc::operation::create);
  const auto former = found->second;
  auto next = any_row(table);
  switch (below(8)) {
  case 0:
  case 1:
    return remove(table, id);
  case 2:
    remove(table, id);
    return put(table, id, next, cdc::operation::create);
  case 3:
    // A snapshot that is taken while changes go on.
    return put(table, id, former, cdc::operation::read);
  case 4:
    next.parent = former.parent;
    next.at_ms = former.at_ms;
    break;
  case 5:
    next.value = former.value;
    next.at_ms = former.at_ms;
    break;
  case 6:
    next.parent = former.parent;
    next.value = former.value;
    break;
  default:
    break;
  }
  put(table, id, next, cdc::operation::update);
}

std::string gold_source::expected(std::size_t gold) const {
  struct sums {
    std::int64_t orders = 0;
    std::int64_t amount = 0;
    std::int64_t level = 0;
  };
  constexpr std::array windows{days_in_utc, days_in_new_york, hops};
  std::map<std::pair<std::int64_t, std::int64_t>, sums> groups;
  for (const auto& [id, order] : rows_[orders]) {
    const auto when = order.at_ms / 1'000;
    if (order.value != 1 || when < source_begin)
      continue;
    sums one{1, 0, 0};
    for (const auto& [item_id, item] : rows_[items])
      one.amount += item.parent == id ? item.value : 0;
    const auto customer = rows_[customers].find(order.parent);
    if (customer != rows_[customers].end())
      one.level = customer->second.value;
    for (const auto start : windows[gold](when)) {
      auto& group = groups[{start, order.parent}];
      group.orders += one.orders;
      group.amount += one.amount;
      group.level += one.level;
    }
  }
  std::string result;
  for (const auto& [key, group] : groups)
    result += std::to_string(key.first) + '\t' + std::to_string(key.second)
              + '\t' + std::to_string(group.orders) + '\t'
              + std::to_string(group.amount) + '\t'
              + std::to_string(group.level) + '\n';
  return result;
}

} // namespace sluice::clickhouse::testing
