#include <algorithm>
#include <array>
#include <optional>

#include "topology/named.hpp"
#include "topology/nearest.hpp"
#include "topology/quantity.hpp"
#include "topology/read_sections.hpp"
#include "topology/schedule.hpp"

namespace sluice::topology {

namespace {

using namespace std::chrono_literals;

/// What a trigger is besides a schedule.
constexpr std::array<std::string_view, 2> trigger_words{"watermark", "change"};

void read_triggers(const fields& values, gold& into) {
  for (auto& trigger : values.texts("trigger", "a schedule")) {
    if (trigger.text == "watermark")
      into.on_watermark = true;
    else if (trigger.text == "change")
      into.on_change = true;
    else if (const auto meant = nearest(trigger.text, trigger_words))
      values.found().add(trigger.where, values.name("trigger") + ": "
                                            + shown(trigger.text)
                                            + " is unknown: did you mean "
                                            + shown(*meant) + "?");
    else if (const auto wrong = schedule_mistake(trigger.text))
      values.found().add(trigger.where, values.name("trigger") + ": "
                                            + shown(trigger.text) + " "
                                            + *wrong);
    else
      into.trigger.push_back(std::move(trigger.text));
  }
}

void read_refresh(const fields& values, gold& into) {
  auto refresh = values.text("refresh", "a schedule");
  if (!refresh)
    return;
  if (const auto wrong = schedule_mistake(refresh->text))
    values.complain("refresh", shown(refresh->text) + " " + *wrong);
  else
    into.refresh = std::move(refresh->text);
}

void read_waits(const fields& values, gold& into) {
  values.read_duration("debounce", into.debounce, {0ms, 1h, {}});
  values.read_duration("max_staleness", into.max_staleness, {0ms, 24h, {}});
  if (into.max_staleness >= into.debounce)
    return;
  if (values.has("max_staleness"))
    values.complain("max_staleness", "must not be less than 'debounce', "
                                         + to_text(into.debounce) + ", but "
                                         + to_text(into.max_staleness)
                                         + " stands there");
  else
    into.max_staleness = into.debounce;
}

void read_after(const fields& values, gold& into) {
  for (auto& before : values.texts("after", "a gold's name"))
    into.after.push_back(std::move(before.text));
}

// -- joined tables ------------------------------------------------------------

struct join_words {
  const section& keys;
  const word_list& appears;
  const word_list& changes;
};

/// "order_id", or "id = order_id": the joined table's column first.
void read_on(const fields& values, gold_join& into) {
  const auto on = values.text("on", "a column, or COLUMN = COLUMN");
  if (!on)
    return;
  const auto trimmed = [](std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
      return std::string{};
    return std::string{
        text.substr(first, text.find_last_not_of(" \t") - first + 1)};
  };
  const std::string_view text{on->text};
  const auto equals = text.find('=');
  into.column = trimmed(text.substr(0, equals));
  into.over_column = equals == std::string_view::npos
                         ? into.column
                         : trimmed(text.substr(equals + 1));
  if (into.column.empty() || into.over_column.empty())
    values.complain("on", "must be a column that both tables have, or "
                          "COLUMN = COLUMN of the 'over' table, but "
                              + shown(text) + " stands there");
}

void check_column(const fields& values, const table* of,
                  const std::string& name) {
  if (of == nullptr || of->columns.empty() || name.empty()
      || find_named(of->columns, name) != nullptr)
    return;
  values.complain("on", "names " + shown(name) + ", which is no column of "
                            + shown(of->name)
                            + advice(name, names_of(of->columns)));
}

void read_join(const entry& child, const node& map, const std::string& of,
               const join_words& words, gold_join join, gold& into,
               const std::vector<table>& tables, const reading& context) {
  join.table = child.key;
  join.where = child.where;
  const auto* table = find_named(tables, join.table);
  if (table == nullptr && !tables.empty())
    context.found.add(child.where, of + " is not under 'tables'"
                                       + advice(join.table, names_of(tables)));
  if (join.table == into.window.over_table)
    context.found.add(child.where,
                      of + " is the table that the windows are over");
  const fields values{map, child.where, words.keys, of, context.found};
  read_on(values, join);
  check_column(values, table, join.column);
  check_column(values, find_named(tables, into.window.over_table),
               join.over_column);
  values.read_word("appears", join.appears, words.appears);
  values.read_word("changes", join.changes, words.changes);
  into.joins.push_back(std::move(join));
}

void read_joins(const fields& values, std::string_view key,
                const join_words& words, on_join changes, gold& into,
                const std::vector<table>& tables, const reading& context) {
  const auto* joins = values.find(key);
  if (joins == nullptr)
    return;
  const auto all = shown(key) + " of gold " + shown(into.name);
  const auto* map = read_map(*joins, all, true, context.found);
  if (map == nullptr)
    return;
  for (const auto& one : map->entries) {
    const auto of = "table " + shown(one.key) + " in " + all;
    gold_join join;
    join.changes = changes;
    if (std::ranges::find(into.joins, one.key, &gold_join::table)
        != into.joins.end())
      context.found.add(one.where, of + " is both a child and a dimension");
    if (const auto* each = read_map(one, of, false, context.found))
      read_join(one, *each, of, words, std::move(join), into, tables, context);
  }
}

} // namespace

void read_gold_runs(const fields& values, gold& into,
                    const std::vector<table>& tables, const reading& context) {
  read_triggers(values, into);
  read_refresh(values, into);
  read_waits(values, into);
  read_after(values, into);
  values.read_bool("catchup", into.catchup);
  read_joins(values, "children",
             {sections::gold_child, word_lists::child_appears,
              word_lists::child_changes},
             on_join::rerun, into, tables, context);
  read_joins(values, "dimensions",
             {sections::gold_dimension, word_lists::dimension_appears,
              word_lists::dimension_changes},
             on_join::next_run, into, tables, context);
}

void check_gold_order(const std::vector<gold>& golds, mistakes& found) {
  std::vector<const gold*> path;
  std::vector<std::string_view> done;
  const auto visit = [&](const auto& self, const gold& one) -> void {
    if (std::ranges::find(done, std::string_view{one.name}) != done.end())
      return;
    const auto again = std::ranges::find(path, &one);
    if (again != path.end()) {
      std::string circle;
      for (auto i = again; i != path.end(); ++i)
        circle += (*i)->name + " after ";
      found.add(one.where,
                "'after' goes round in a circle: gold " + circle + one.name);
      return;
    }
    path.push_back(&one);
    for (const auto& before : one.after) {
      if (const auto* next = find_named(golds, before))
        self(self, *next);
      else
        found.add(one.where, "'after' of gold " + shown(one.name) + " names "
                                 + shown(before) + ", which is no gold"
                                 + advice(before, names_of(golds)));
    }
    path.pop_back();
    done.emplace_back(one.name);
  };
  for (const auto& one : golds)
    visit(visit, one);
}

} // namespace sluice::topology
