#include <algorithm>

#include "topology/named.hpp"
#include "topology/names.hpp"
#include "topology/nearest.hpp"
#include "topology/read_sections.hpp"
#include "topology/secret_file.hpp"
#include "topology/sql_text.hpp"

namespace sluice::topology {

namespace {

using namespace std::chrono_literals;

void read_timezone(const fields& values, gold& into) {
  auto zone = values.text("timezone", "the name of a time zone");
  if (!zone)
    return;
  if (const auto wrong = timezone_name_mistake(zone->text))
    values.complain("timezone", *wrong);
  else
    into.timezone = std::move(zone->text);
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
    read_gold_window(*window, result, tables, context);
  read_timezone(values, result);
  read_gold_runs(values, result, tables, context);
  if (const auto* columns = values.find("columns"))
    read_gold_columns(*columns, result, context);
  read_gold_key(values, result);
  read_sql(values, result, context);
  if (const auto* retry = values.find("retry"))
    read_retry(*retry, result, context);
  values.read_word("partition", result.partition, word_lists::partition);
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
  check_gold_order(into.golds, context.found);
}

} // namespace sluice::topology
