#include <algorithm>
#include <array>

#include "topology/names.hpp"
#include "topology/nearest.hpp"
#include "topology/quantity.hpp"
#include "topology/read_sections.hpp"
#include "topology/sql_text.hpp"

namespace sluice::topology {

namespace {

std::vector<std::string_view> names_of(const std::vector<column>& columns) {
  std::vector<std::string_view> names;
  names.reserve(columns.size());
  for (const auto& one : columns)
    names.emplace_back(one.name);
  return names;
}

const column* find_column(const table& in, std::string_view name) {
  const auto found =
      std::find_if(in.columns.begin(), in.columns.end(),
                   [&](const column& one) { return one.name == name; });
  return found == in.columns.end() ? nullptr : &*found;
}

/// The names under `key` that are columns; others are reported, unless the
/// columns themselves could not be read.
std::vector<std::string> column_list(const fields& values, std::string_view key,
                                     const table& of) {
  std::vector<std::string> result;
  for (auto& name : values.texts(key, "a column's name")) {
    if (!of.columns.empty() && find_column(of, name.text) == nullptr)
      values.found().add(name.where,
                         values.name(key) + " names " + shown(name.text)
                             + ", which is no column of the table"
                             + advice(name.text, names_of(of.columns)));
    else
      result.push_back(std::move(name.text));
  }
  return result;
}

void read_key(const fields& values, table& into) {
  into.key = column_list(values, "key", into);
  for (const auto& name : into.key) {
    const auto* key = find_column(into, name);
    if (key != nullptr && !key->is_read())
      values.complain("key", "names " + shown(name)
                                 + ", which is not read from the record: a key "
                                   "must be");
  }
  if (into.mode != table_mode::latest)
    return;
  if (!values.has("key"))
    values.found().add(into.where,
                       "missing key 'key' in " + values.of()
                           + ": mode 'latest' keeps one row per key");
  else if (const auto* key = values.find("key");
           key->value->kind == node_kind::list && key->value->items.empty())
    values.complain("key", "is empty: mode 'latest' keeps one row per key");
}

void read_order(const fields& values, table& into) {
  into.order_by = column_list(values, "order_by", into);
  if (!values.has("order_by")) {
    into.order_by = into.key;
    if (into.order_by.empty() && !into.columns.empty())
      into.order_by = {into.columns.front().name};
    return;
  }
  if (into.order_by.empty()) {
    values.complain("order_by", "must name at least one column");
    return;
  }
  // A ReplacingMergeTree takes rows for the same that agree in the sorting key.
  if (into.mode == table_mode::latest && !into.key.empty()
      && !std::is_permutation(into.order_by.begin(), into.order_by.end(),
                              into.key.begin(), into.key.end()))
    values.complain("order_by",
                    "must consist of the columns of 'key', in any order: in "
                    "mode 'latest' rows replace each other by it");
}

void read_engine(const fields& values, table& into) {
  const auto engine = values.text("engine", "an engine with its arguments");
  if (!engine)
    return;
  into.engine = engine->text;
  std::string_view family{into.engine};
  family = family.substr(0, family.find('('));
  while (family.ends_with(' '))
    family.remove_suffix(1);
  for (const std::string_view prefix : {"Replicated", "Shared"}) {
    if (family.starts_with(prefix))
      family.remove_prefix(prefix.size());
  }
  const bool latest = into.mode == table_mode::latest;
  if (family == (latest ? "ReplacingMergeTree" : "MergeTree"))
    return;
  values.complain("engine",
                  latest ? "must be a ReplacingMergeTree (or its Replicated or "
                           "Shared form): mode 'latest' replaces rows"
                         : "must be a MergeTree (or its Replicated or Shared "
                           "form): mode 'append' keeps every row");
}

void read_partition_by(const fields& values, table& into) {
  constexpr std::size_t partition_by_bytes_max = 4096;
  constexpr std::array<std::string_view, 3> own{"_partition", "_offset",
                                                "_epoch"};
  auto expression = values.text("partition_by", "a SQL expression");
  if (!expression)
    return;
  if (expression->text.size() > partition_by_bytes_max) {
    values.complain("partition_by", "is longer than "
                                        + std::to_string(partition_by_bytes_max)
                                        + " bytes");
    return;
  }
  into.partition_by = std::move(expression->text);
  if (into.columns.empty())
    return;
  for (const auto& name : column_names(into.partition_by)) {
    const bool known = find_column(into, name) != nullptr
                       || std::find(own.begin(), own.end(), name) != own.end();
    if (!known)
      values.complain("partition_by",
                      "names " + shown(name)
                          + ", which is no column of the table"
                          + advice(name, names_of(into.columns)));
  }
}

void read_table_settings(const entry& child, table& into, const fields& values,
                         const reading& context) {
  const auto of = values.name(child.key);
  const auto* map = read_map(child, of, true, context.found);
  if (map == nullptr)
    return;
  for (const auto& setting : map->entries) {
    const auto what = shown(setting.key) + " in 'settings' of " + values.of();
    const bool is_name =
        !setting.key.empty()
        && std::all_of(setting.key.begin(), setting.key.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                    || c == '_';
           });
    if (!is_name) {
      context.found.add(setting.where,
                        what + " is no name of a MergeTree setting");
      continue;
    }
    auto value = read_text_node(*setting.value, place_of(setting), what,
                                "a number or a text", context.found);
    if (!value)
      continue;
    const bool is_window =
        setting.key.find("deduplication_window") != std::string::npos;
    if (is_window && value->text == "0")
      context.found.add(setting.where,
                        what
                            + " must not be 0: without it ClickHouse would "
                              "not recognise a repeated INSERT");
    into.settings.emplace(setting.key, std::move(value->text));
  }
}

void read_start(const fields& values, table_start& into) {
  using kind = table_start::kind;
  constexpr std::string_view expected =
      "earliest, latest, an offset, or a time such as 2026-02-18T06:00:00Z";
  const auto start = values.text("start", expected);
  if (!start)
    return;
  if (start->text == "earliest" || start->text == "latest") {
    into.from = start->text == "latest" ? kind::latest : kind::earliest;
  } else if (const auto offset = parse_count(start->text);
             offset && *offset >= 0) {
    into.from = kind::offset;
    into.offset = *offset;
  } else if (const auto time = parse_instant(start->text)) {
    into.from = kind::timestamp;
    into.time = *time;
  } else {
    values.complain("start", "must be " + std::string{expected} + ", but "
                                 + shown(start->text) + " stands there");
  }
}

table read_table(const entry& child, const node& map, const reading& context) {
  table result;
  result.name = child.key;
  result.where = child.where;
  const auto of = "table " + shown(child.key);
  if (const auto wrong = table_name_mistake(child.key))
    context.found.add(child.where, "the name of " + of + " " + *wrong);
  const fields values{map, child.where, sections::table, of, context.found};
  if (auto topic = values.text("topic", "a topic's name")) {
    if (const auto wrong = topic_name_mistake(topic->text))
      values.complain("topic", *wrong);
    result.topic = std::move(topic->text);
  }
  values.read_word("format", result.format, word_lists::format);
  values.read_word("mode", result.mode, word_lists::mode);
  if (const auto* columns = values.find("columns"))
    result.columns = read_columns(*columns, of, context);
  read_key(values, result);
  read_order(values, result);
  read_engine(values, result);
  read_partition_by(values, result);
  if (auto ttl = values.text("ttl", "a TTL expression"))
    result.ttl = std::move(ttl->text);
  if (const auto* settings = values.find("settings"))
    read_table_settings(*settings, result, values, context);
  if (auto filter = values.text("filter", "a SQL condition"))
    result.filter = std::move(filter->text);
  read_start(values, result.start);
  return result;
}

} // namespace

void read_tables(const entry& child, topology& into, const reading& context) {
  const auto* tables = read_map(child, "'tables'", false, context.found);
  if (tables == nullptr)
    return;
  for (const auto& one : tables->entries) {
    const auto what = "table " + shown(one.key);
    if (const auto* map = read_map(one, what, true, context.found))
      into.tables.push_back(read_table(one, *map, context));
  }
}

} // namespace sluice::topology
