#include "simulation/gold_model.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_map>

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;

topology::gold make_gold(const std::string& name, const std::string& over,
                         std::chrono::seconds every) {
  topology::gold result;
  result.name = name;
  result.window.every = every;
  result.window.over_table = over;
  result.window.over_column = "at";
  result.debounce = 500ms;
  result.max_staleness = 3s;
  // Nothing is given up while things fail.
  result.retry.attempts = 1'000;
  result.retry.delay = 2s;
  return result;
}

topology::gold_join make_join(const std::string& column,
                              const std::string& over_column,
                              topology::on_join changes) {
  topology::gold_join result;
  result.table = "users";
  result.column = column;
  result.over_column = over_column;
  result.changes = changes;
  return result;
}

bool is_in(std::int64_t at, const gold::window& what) {
  return at >= what.start.time_since_epoch().count()
         && at < what.end.time_since_epoch().count();
}

/// Each order of the window, with the sum of the users that refer to it.
gold_rows select_orders(const clickhouse_server& from,
                        const gold::window& what) {
  std::unordered_map<std::int64_t, std::int64_t> joined;
  for (const auto* user : from.shown("users"))
    // A row counts even if it is worth nothing.
    joined[user->link] += user->amount + 1;
  gold_rows result;
  for (const auto* order : from.shown("orders"))
    if (is_in(order->at, what)) {
      const auto found = joined.find(order->id);
      result.push_back({order->id, order->at, order->amount,
                        found == joined.end() ? 0 : found->second});
    }
  return result;
}

/// Each order of the window whose user is there.
gold_rows select_shifts(const clickhouse_server& from,
                        const gold::window& what) {
  const auto users = from.shown("users");
  gold_rows result;
  for (const auto* order : from.shown("orders"))
    if (is_in(order->at, what)
        && std::ranges::find(users, order->link, &row::id) != users.end())
      result.push_back({order->id, order->at, order->amount, order->link});
  return result;
}

gold_rows select_events(const clickhouse_server& from,
                        const gold::window& what) {
  const auto users = from.shown("users");
  gold_rows result;
  for (const auto& [id, each] : from.rows("order_events"))
    if (is_in(each.what.at, what)) {
      const auto user = std::ranges::find(users, each.what.link, &row::id);
      result.insert(result.end(), each.copies,
                    {each.what.id, each.what.at, each.what.amount,
                     user == users.end() ? 0 : 1});
    }
  return result;
}

} // namespace

std::vector<topology::gold> make_golds() {
  auto hours = make_gold(order_hours, "orders", 1h);
  hours.on_change = true;
  hours.refresh = "every 5s";
  hours.joins = {make_join("link", "id", topology::on_join::rerun)};
  auto shifts = make_gold(order_shifts, "orders", 6h);
  shifts.window.hop = 2h;
  shifts.on_change = true;
  shifts.joins = {make_join("id", "link", topology::on_join::next_run)};
  auto days = make_gold(order_days, "orders", 6h);
  days.after = {order_hours};
  auto events = make_gold(event_hours, "order_events", 2h);
  events.on_watermark = true;
  events.window.lateness = 1h;
  events.window.idle = 10s;
  events.joins = {make_join("id", "link", topology::on_join::next_run)};
  return {hours, shifts, days, events};
}

std::vector<topology::gold> draw_golds(random_source& chance) {
  if (chance.chance(0.67))
    return {};
  auto result = make_golds();
  std::erase_if(result, [&](const topology::gold& each) {
    return each.name != order_hours && chance.chance(0.5);
  });
  return result;
}

gold_rows select_window(const clickhouse_server& from,
                        const topology::gold& gold, const gold::window& what,
                        const hours_reader& hours) {
  gold_rows result;
  if (gold.name == order_hours)
    result = select_orders(from, what);
  else if (gold.name == order_shifts)
    result = select_shifts(from, what);
  else if (gold.name == order_days)
    result = hours(what);
  else
    result = select_events(from, what);
  std::ranges::sort(result);
  return result;
}

std::vector<std::string> tables_of(const topology::gold& gold) {
  if (gold.name == order_days)
    return {};
  std::vector<std::string> result{gold.window.over_table};
  for (const auto& each : gold.joins)
    result.push_back(each.table);
  return result;
}

} // namespace sluice::simulation
