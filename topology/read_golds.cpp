#include <algorithm>
#include <array>

#include "topology/names.hpp"
#include "topology/nearest.hpp"
#include "topology/quantity.hpp"
#include "topology/read_sections.hpp"
#include "topology/schedule.hpp"
#include "topology/secret_file.hpp"
#include "topology/sql_text.hpp"

namespace sluice::topology {

namespace {

using namespace std::chrono_literals;

template <class Named>
std::vector<std::string_view> names_of(const std::vector<Named>& all) {
  std::vector<std::string_view> names;
  names.reserve(all.size());
  for (const auto& one : all)
    names.emplace_back(one.name);
  return names;
}

template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(),
                   [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

/// `over:` is TABLE.COLUMN of a silver table.
void read_over(const fields& values, gold_window& into,
               const std::vector<table>& tables) {
  const auto over = values.text("over", "TABLE.COLUMN");
  if (!over)
    return;
  const std::string_view text{over->text};
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) {
    values.complain("over", "must be TABLE.COLUMN, but " + shown(text)
                                + " stands there");
    return;
  }
  into.over_table = text.substr(0, dot);
  into.over_column = text.substr(dot + 1);
  if (tables.empty())
    return;
  const auto* source = find_named(tables, into.over_table);
  if (source == nullptr) {
    values.complain("over", "names the table " + shown(into.over_table)
                                + ", which is not under 'tables'"
                                + advice(into.over_table, names_of(tables)));
    return;
  }
  if (source->columns.empty())
    return;
  const auto* time = find_named(source->columns, into.over_column);
  if (time == nullptr)
    values.complain("over",
                    "names " + shown(into.over_column)
                        + ", which is no column of " + shown(into.over_table)
                        + advice(into.over_column, names_of(source->columns)));
  else if (!time->type.empty() && time->type.find("Date") == std::string::npos)
    values.complain("over", "names " + shown(text) + ", which is "
                                + shown(time->type)
                                + " and no Date, DateTime or DateTime64");
}

void read_window(const entry& child, gold& into,
                 const std::vector<table>& tables, const reading& context) {
  const auto of = "'window' of gold " + shown(into.name);
  const auto* map = read_map(child, of, true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::gold_window, of,
                      context.found};
  auto& window = into.window;
  values.read_seconds("every", window.every, {1s, 24h * 3660, {}});
  values.read_seconds("lateness", window.lateness, {0s, 24h * 3660, {}});
  read_over(values, window, tables);
  if (const auto start = values.text("start", "a date")) {
    window.start = parse_instant(start->text);
    if (!window.start)
      values.complain("start",
                      "must be a date from 1970 to 2105 such as 2026-02-18, or "
                      "2026-02-18T06:00:00Z, but "
                          + shown(start->text) + " stands there");
  }
}

void read_triggers(const fields& values, gold& into) {
  constexpr std::array<std::string_view, 2> later{"watermark", "change"};
  for (auto& trigger : values.texts("trigger", "a schedule")) {
    const auto what = values.name("trigger") + ": " + shown(trigger.text) + " ";
    if (std::find(later.begin(), later.end(), trigger.text) != later.end())
      values.found().add(trigger.where,
                         what
                             + "is not supported yet: this version of Sluice "
                               "has schedules only");
    else if (const auto wrong = schedule_mistake(trigger.text))
      values.found().add(trigger.where, what + *wrong);
    else
      into.trigger.push_back(std::move(trigger.text));
  }
}

void read_gold_columns(const entry& child, gold& into, const reading& context) {
  const auto of = "gold " + shown(into.name);
  const auto* map = read_map(child, "'columns' of " + of, false, context.found);
  if (map == nullptr)
    return;
  for (const auto& one : map->entries) {
    const auto what = "column " + shown(one.key) + " of " + of;
    if (const auto wrong = gold_column_name_mistake(one.key))
      context.found.add(one.where, "the name of " + what + " " + *wrong);
    const auto type = read_text_node(*one.value, place_of(one), what,
                                     "a ClickHouse type", context.found);
    into.columns.push_back(
        {one.key, type ? type->text : std::string{}, one.where});
  }
}

void read_gold_key(const fields& values, gold& into) {
  for (auto& name : values.texts("key", "a column's name")) {
    const bool unknown =
        !into.columns.empty() && find_named(into.columns, name.text) == nullptr;
    const auto complain = [&](const std::string& complaint) {
      values.found().add(name.where, values.name("key") + " names "
                                         + shown(name.text) + ", " + complaint);
    };
    if (unknown)
      complain("which is no column of it"
               + advice(name.text, names_of(into.columns)));
    else if (name.text == "_updated_at")
      complain("which changes with every run");
    else
      into.key.push_back(std::move(name.text));
  }
  const auto* key = values.find("key");
  if (key != nullptr && key->value->kind == node_kind::list
      && key->value->items.empty())
    values.complain("key", "is empty: it says which rows a window may have");
}

void read_sql(const fields& values, gold& into, const reading& context) {
  auto sql = values.secret("sql", context.directory);
  if (!sql)
    return;
  for (const auto& wrong : query_mistakes(sql->text))
    values.complain("sql", wrong);
  into.sql = std::move(sql->text);
}

void read_retry(const entry& child, gold& into, const reading& context) {
  const auto of = "'retry' of gold " + shown(into.name);
  const auto* map = read_map(child, of, true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::gold_retry, of,
                      context.found};
  values.read_count("attempts", into.retry.attempts, {0, 100, {}});
  values.read_duration("delay", into.retry.delay, {0ms, 24h, {}});
}

gold read_gold(const entry& child, const node& map,
               const std::vector<table>& tables, const reading& context) {
  gold result;
  result.name = child.key;
  result.where = child.where;
  const auto of = "gold " + shown(child.key);
  if (const auto wrong = table_name_mistake(child.key))
    context.found.add(child.where, "the name of " + of + " " + *wrong);
  if (const auto* same = find_named(tables, child.key))
    context.found.add(child.where,
                      of + " has the name of the table in line "
                          + std::to_string(same->where.line)
                          + ": both would be one table in ClickHouse");
  const fields values{map, child.where, sections::gold, of, context.found};
  if (const auto* window = values.find("window"))
    read_window(*window, result, tables, context);
  read_triggers(values, result);
  values.read_bool("catchup", result.catchup);
  if (const auto* columns = values.find("columns"))
    read_gold_columns(*columns, result, context);
  read_gold_key(values, result);
  read_sql(values, result, context);
  if (const auto* retry = values.find("retry"))
    read_retry(*retry, result, context);
  values.read_duration("timeout", result.timeout, {1s, 24h, {}});
  return result;
}

} // namespace

void read_golds(const entry& child, topology& into, const reading& context) {
  const auto* golds = read_map(child, "'gold'", true, context.found);
  if (golds == nullptr)
    return;
  for (const auto& one : golds->entries) {
    const auto what = "gold " + shown(one.key);
    if (const auto* map = read_map(one, what, true, context.found))
      into.golds.push_back(read_gold(one, *map, into.tables, context));
  }
}

} // namespace sluice::topology
