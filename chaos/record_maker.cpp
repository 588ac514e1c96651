#include "chaos/record_maker.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "chaos/gold_values.hpp"
#include "chaos/throwaway.hpp"
#include "chaos/value_maker.hpp"

namespace sluice::chaos {

namespace {

using json = nlohmann::ordered_json;
using topology::record_format;

// Few enough that keys are deleted and come back within minutes.
constexpr std::uint64_t keys_max = 2000;
constexpr int percent = 100;
constexpr int insert_percent = 60;
constexpr int update_percent = 25;
/// Every second delete is followed by its tombstone, as a source would that
/// was told to leave them out for some tables.
constexpr int tombstone_percent = 50;

struct made_column {
  topology::column column;
  silver::column_type type;
  std::vector<std::string> path;
  bool is_key = false;
  /// When golds are made of it.
  std::optional<gold_values> drawn = std::nullopt;
};

std::vector<std::string> members_of(std::string_view path) {
  std::vector<std::string> result;
  while (true) {
    const auto dot = path.find('.');
    result.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos)
      return result;
    path.remove_prefix(dot + 1);
  }
}

/// Puts `value` where `path` leads, unless another column's value is there.
void put(json& into, const std::vector<std::string>& path, json value) {
  auto* at = &into;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    at = &(*at)[path[i]];
    if (!at->is_null() && !at->is_object())
      return;
  }
  auto& place = (*at)[path.back()];
  if (place.is_null())
    place = std::move(value);
}

tl::expected<std::vector<made_column>, std::string>
columns_of(const topology::topology& what, const std::string& topic) {
  std::vector<made_column> result;
  for (const auto& table : what.tables) {
    if (table.topic != topic)
      continue;
    for (const auto& column : table.columns) {
      if (!column.is_read() || column.from.starts_with('@'))
        continue;
      auto type = silver::parse_column_type(column.type);
      if (!type)
        return tl::unexpected("table " + table.name + ", column " + column.name
                              + ": " + type.error());
      const auto is_key =
          std::ranges::find(table.key, column.name) != table.key.end();
      auto drawn = values_for(what, table, column, keys_max);
      const auto same = std::ranges::find(
          result, column.from, [](const auto& one) { return one.column.from; });
      if (same == result.end()) {
        result.push_back({column, std::move(*type), members_of(column.from),
                          is_key, std::move(drawn)});
      } else {
        same->is_key = same->is_key || is_key;
        if (drawn)
          same->drawn = std::move(drawn);
      }
    }
  }
  // Longer paths first: a document is made of its parts.
  std::ranges::stable_sort(result, std::ranges::greater{},
                           [](const auto& one) { return one.path.size(); });
  return result;
}

/// So many keys of the topic are different for every table.
std::uint64_t count_keys(const topology::topology& what,
                         const std::string& topic) {
  auto result = keys_max;
  for (const auto& table : what.tables) {
    if (table.topic != topic || table.key.empty())
      continue;
    std::uint64_t of_table = 1;
    for (const auto& column : table.columns)
      if (std::ranges::find(table.key, column.name) != table.key.end())
        if (const auto type = silver::parse_column_type(column.type))
          of_table = std::max(of_table, distinct_values(*type));
    result = std::min(result, of_table);
  }
  return result;
}

} // namespace

struct record_maker::state {
  std::string topic;
  record_format format = record_format::debezium_json;
  std::vector<made_column> columns;
  /// Whether keys of rows that are gone are used again.
  bool keys_return = false;
  std::uint64_t keys = keys_max;
  std::mt19937_64 random;
  std::vector<std::uint64_t> live;
  std::vector<std::uint64_t> free;
  std::uint64_t next_key = 0;
  std::uint64_t made = 0;
  std::vector<kafka::owned_record> waiting;

  std::uint64_t below(std::uint64_t end) { return random() % end; }

  std::uint64_t new_key() {
    if (!keys_return)
      return next_key++;
    const auto at = below(free.size());
    const auto key = std::exchange(free[at], free.back());
    free.pop_back();
    return key;
  }

  json row_of(std::uint64_t key, bool only_key) {
    auto row = json::object();
    for (const auto& column : columns) {
      const auto of_id = column.path.front() == "_id";
      if (only_key && !column.is_key)
        continue;
      put(row, column.path,
          column.drawn && !column.is_key && !of_id
              ? draw(column)
              : make_value(column.column, column.type, format,
                           column.is_key || of_id ? key : made));
    }
    return row;
  }

  /// A value of a column that golds are made of.
  json draw(const made_column& column) {
    const auto& of = *column.drawn;
    if (of.span > 0)
      return make_time(column.column, column.type, format, draw_time(of));
    if (column.type.kind == silver::type_kind::string && !of.words.empty()
        && below(2) == 0)
      return of.words[below(of.words.size())];
    return make_value(column.column, column.type, format, below(of.numbers));
  }

  /// Often the very edge of an hour, where windows begin and end.
  std::int64_t draw_time(const gold_values& of) {
    const auto seconds =
        of.begin
        + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(of.span)));
    if (below(4) != 0)
      return seconds;
    constexpr std::int64_t hour = 3600;
    const auto edge = seconds - seconds % hour;
    return edge > of.begin && below(2) == 0 ? edge - 1 : edge;
  }

  [[nodiscard]] std::string key_of(std::uint64_t key) {
    if (format == record_format::debezium_mongodb) {
      const auto row = row_of(key, false);
      const auto id = row.contains("_id") ? row["_id"] : json(key);
      return json{{"id", id.dump()}}.dump();
    }
    auto result = row_of(key, true);
    if (result.empty())
      result["id"] = key;
    return result.dump();
  }

  [[nodiscard]] kafka::owned_record marked(record_mark mark) const {
    kafka::owned_record result;
    result.where.topic = topic;
    result.where.partition = -1;
    result.headers.push_back(
        {std::string{mark_header}, std::string(1, static_cast<char>(mark))});
    return result;
  }

  kafka::owned_record change(std::uint64_t key, record_mark mark,
                             const char* operation) {
    ++made;
    auto result = marked(mark);
    result.key = key_of(key);
    json value;
    value["before"] = nullptr;
    value["after"] = nullptr;
    if (mark != record_mark::removed) {
      auto row = row_of(key, false);
      if (format == record_format::debezium_mongodb && !row.contains("_id"))
        row["_id"] = key;
      value["after"] = format == record_format::debezium_mongodb
                           ? json(row.dump())
                           : std::move(row);
    } else if (format == record_format::debezium_json) {
      value["before"] = row_of(key, true);
    }
    value["source"] = {{"connector", "chaos"}, {"snapshot", "false"}};
    value["op"] = operation;
    result.value = value.dump();
    return result;
  }

  kafka::owned_record insert(record_mark mark) {
    const auto key = new_key();
    live.push_back(key);
    // Of a table that only grows, the rows that may change are the newest.
    if (live.size() > keys)
      live.erase(live.begin());
    return change(key, mark, below(2) == 0 ? "c" : "r");
  }

  kafka::owned_record remove() {
    const auto at = below(live.size());
    const auto key = std::exchange(live[at], live.back());
    live.pop_back();
    if (keys_return)
      free.push_back(key);
    auto result = change(key, record_mark::removed, "d");
    if (below(percent) < tombstone_percent) {
      auto tombstone = marked(record_mark::tombstone);
      tombstone.key = result.key;
      waiting.push_back(std::move(tombstone));
    }
    return result;
  }

  kafka::owned_record next() {
    if (!waiting.empty()) {
      auto result = std::move(waiting.back());
      waiting.pop_back();
      return result;
    }
    const auto roll = static_cast<int>(below(percent));
    const auto full = keys_return && free.empty();
    if (live.empty() || (roll < insert_percent && !full))
      return insert(record_mark::inserted);
    if (roll < insert_percent + update_percent && !full)
      return change(live[below(live.size())], record_mark::updated, "u");
    return remove();
  }
};

record_maker::record_maker(std::unique_ptr<state> own) : own_{std::move(own)} {}
record_maker::~record_maker() = default;
record_maker::record_maker(record_maker&&) noexcept = default;
record_maker& record_maker::operator=(record_maker&&) noexcept = default;

tl::expected<record_maker, std::string>
record_maker::make(const topology::topology& what, const std::string& topic,
                   std::uint64_t seed) {
  auto columns = columns_of(what, topic);
  if (!columns)
    return tl::unexpected(columns.error());
  auto own = std::make_unique<state>();
  own->topic = topic;
  own->columns = std::move(*columns);
  own->random.seed(seed);
  own->keys = count_keys(what, topic);
  for (const auto& table : what.tables)
    if (table.topic == topic) {
      own->format = table.format;
      own->keys_return = own->keys_return || !table.key.empty();
    }
  for (auto key = own->keys; key-- > 0;)
    own->free.push_back(key);
  return record_maker{std::move(own)};
}

kafka::owned_record record_maker::next() { return own_->next(); }

kafka::owned_record record_maker::next_poison() {
  // A key must be free for a new row.
  while (own_->keys_return && own_->free.empty()) {
    own_->free.push_back(own_->live.back());
    own_->live.pop_back();
  }
  return own_->insert(record_mark::poison);
}

} // namespace sluice::chaos
