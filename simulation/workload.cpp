#include "simulation/workload.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace sluice::simulation {

namespace {

topology::column int64_column(const std::string& name) {
  topology::column result;
  result.name = name;
  result.type = "Int64";
  result.from = name;
  return result;
}

topology::column time_column(const std::string& name) {
  auto result = int64_column(name);
  result.type = "DateTime";
  result.unit = topology::time_unit::s;
  return result;
}

topology::table make_table(const std::string& name, const std::string& topic,
                           topology::table_mode mode) {
  topology::table result;
  result.name = name;
  result.topic = topic;
  result.mode = mode;
  if (mode == topology::table_mode::latest)
    result.key = {"id"};
  result.columns = {int64_column("id"), int64_column("amount"),
                    int64_column("link"), time_column("at")};
  return result;
}

/// The number behind `name` in a text that this file made.
std::int64_t number_behind(const std::string& text, const std::string& name) {
  return std::stoll(text.substr(text.find(name) + name.size()));
}

constexpr const char* id_name = R"("id":)";
constexpr const char* amount_name = R"("amount":)";
constexpr const char* link_name = R"("link":)";
constexpr const char* at_name = R"("at":)";
/// Where an event has the letter of what happened.
constexpr std::size_t operation_at = 7;
constexpr const char* garbage = "{\"op\":";

std::string key_of(std::int64_t id) { return id_name + std::to_string(id); }

kafka::owned_record record_of(std::int64_t id) {
  kafka::owned_record result;
  result.timestamp_ms = 1'000;
  result.key = "{" + key_of(id) + "}";
  return result;
}

std::string removal(std::int64_t id) {
  return R"({"op":"d","before":{)" + key_of(id) + R"(},"after":null})";
}

std::string event(char op, std::int64_t id, const row_values& row) {
  std::string result = R"({"op":"c","after":{)";
  result[operation_at] = op;
  return result + key_of(id) + "," + amount_name + std::to_string(row.amount)
         + "," + link_name + std::to_string(row.link) + "," + at_name
         + std::to_string(row.at) + "}}";
}

} // namespace

topology::topology make_topology() {
  topology::topology result;
  result.pipeline = "simulation";
  result.kafka.group = "simulation";
  result.kafka.dead_letter_topic = "simulation.dlq";
  using topology::table_mode;
  result.tables = {
      make_table("order_events", orders_topic, table_mode::append),
      make_table("orders", orders_topic, table_mode::latest),
      make_table("user_events", users_topic, table_mode::append),
      make_table("users", users_topic, table_mode::latest),
  };
  return result;
}

layouts lay_out(const topology::topology& what) {
  layouts result;
  for (const auto& table : what.tables) {
    auto laid = silver::lay_out(table);
    if (!laid)
      throw std::logic_error{laid.error().front().message};
    result.emplace(table.name, std::make_shared<const silver::table_layout>(
                                   std::move(*laid)));
  }
  return result;
}

/// Mostly within the last half day, some in windows that are not over yet, some
/// long ago, and some that no gold takes.
std::int64_t source_table::draw_time() const {
  using namespace std::chrono_literals;
  auto& chance = on_.chance;
  const auto start =
      std::chrono::floor<std::chrono::hours>(wall_clock_start) + 1h;
  const auto kind = chance.below(100);
  auto seconds = chance.between(-43'200, -1);
  if (kind < 10)
    seconds = chance.between(0, 7'200);
  else if (kind < 13)
    seconds -= std::chrono::seconds{20 * 24h}.count();
  else if (kind < 15)
    seconds += std::chrono::seconds{30 * 24h}.count();
  return std::chrono::floor<std::chrono::seconds>(start)
             .time_since_epoch()
             .count()
         + seconds;
}

void source_table::count_time(std::int64_t at) {
  // Of the golds here, the longest window with its lateness.
  constexpr std::int64_t late = 21'600;
  if (at < newest_)
    ++on_.counts["rows out of order"];
  if (at < newest_ - late)
    ++on_.counts["rows that came late"];
  // What is too far ahead is in no window.
  const auto tomorrow = std::chrono::floor<std::chrono::seconds>(
      on_.wall() + std::chrono::days{1});
  if (at <= tomorrow.time_since_epoch().count())
    newest_ = std::max(newest_, at);
}

/// Whoever is wary tells of every row as a snapshot does.
char source_table::creation(bool is_new) const {
  return is_new || !wary_ ? 'c' : 'r';
}

kafka::owned_record source_table::next(std::int64_t id, std::int64_t link) {
  auto& chance = on_.chance;
  auto result = record_of(id);
  const auto kind = chance.below(100);
  if (kind < 4)
    return result; // a tombstone
  if (kind < 8) {
    result.value = garbage;
    return result;
  }
  const auto [found, is_new] = rows_.try_emplace(id);
  auto& row = found->second;
  if (row.is_there && kind < 22) {
    ++on_.counts["rows deleted at the source"];
    row.is_there = false;
    result.value = removal(id);
    return result;
  }
  // A row that is there is read once more by a snapshot, or it changes.
  auto op = creation(is_new);
  if (row.is_there)
    op = kind < 50 && !wary_ ? 'u' : 'r';
  else if (!is_new)
    ++on_.counts["rows created again"];
  if (row.is_there)
    ++on_.counts["rows updated at the source"];
  if (!row.is_there || chance.chance(0.5)) {
    const auto before = std::exchange(row.at, draw_time());
    count_time(row.at);
    if (row.is_there && before / 3600 != row.at / 3600)
      ++on_.counts["rows moved to another window"];
  }
  row.is_there = true;
  row.amount = chance.between(0, 1'000'000);
  row.link = link;
  result.value = event(op, id, {row.amount, row.link, row.at});
  return result;
}

std::optional<source_table::changed_key>
source_table::change_key(std::int64_t id, std::int64_t other) {
  const auto found = rows_.find(id);
  if (id == other || found == rows_.end() || !found->second.is_there)
    return std::nullopt;
  const auto [place, is_new] = rows_.try_emplace(other);
  if (place->second.is_there)
    return std::nullopt;
  ++on_.counts["keys changed at the source"];
  const auto& row = place->second = found->second;
  found->second.is_there = false;
  changed_key result{record_of(id), record_of(other)};
  result.removed.value = removal(id);
  result.created.value =
      event(creation(is_new), other, {row.amount, row.link, row.at});
  return result;
}

fate fate_of(const kafka::owned_record& record, const topology::table& table) {
  if (!record.value)
    return fate::nothing;
  if (*record.value == garbage)
    return fate::dead_letter;
  const auto op = record.value->at(operation_at);
  if (op == 'c' || op == 'r')
    return fate::row;
  if (table.mode != topology::table_mode::latest)
    return fate::nothing;
  return op == 'u' ? fate::row : fate::deletion;
}

std::int64_t id_of(const kafka::owned_record& record) {
  return number_behind(record.key.value(), id_name);
}

row_values values_of(const kafka::owned_record& record) {
  const auto& text = record.value.value();
  return {number_behind(text, amount_name), number_behind(text, link_name),
          number_behind(text, at_name)};
}

} // namespace sluice::simulation
