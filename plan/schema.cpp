#include "plan/schema.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/saved_state.hpp"
#include "gold/window_rule.hpp"
#include "plan/migration.hpp"
#include "silver/block_values.hpp"
#include "silver/ddl.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::plan {

namespace {

using silver::table_layout;

std::int64_t begin_of(const gold::window_rule& rule, std::int64_t days) {
  const std::chrono::local_days date{std::chrono::days{static_cast<int>(days)}};
  return rule.zone()
      .first_instant(std::chrono::local_seconds{date})
      .time_since_epoch()
      .count();
}

/// Where the gold's event time stands in its table's blocks; std::nullopt:
/// ClickHouse computes it.
std::optional<std::size_t> time_column(const table_layout& layout,
                                       const topology::gold& of) {
  const auto found = std::ranges::find(
      layout.block_columns, of.window.over_column, &silver::block_column::name);
  if (found == layout.block_columns.end())
    return std::nullopt;
  return static_cast<std::size_t>(found - layout.block_columns.begin());
}

/// The gold's windows can only be told from a column of times; empty: it is
/// one.
std::string refuse_times(const table_layout& layout, const topology::gold& of) {
  const auto& columns = layout.table.columns;
  const auto found = std::ranges::find(columns, of.window.over_column,
                                       &topology::column::name);
  if (found == columns.end())
    return {};
  const auto& type =
      layout.types[static_cast<std::size_t>(found - columns.begin())];
  if (silver::holds_time(type))
    return {};
  return "gold " + of.name + ": window.over names " + of.window.over_table + "."
         + of.window.over_column + ", whose type " + type.name()
         + " is no time: windows need one Date, Date32, DateTime or DateTime64 "
           "a row (Nullable or not)";
}

/// Has the rows kept out that no window of the gold takes, if it wants that.
void guard(table_layout& layout, const topology::gold& of,
           const gold::window_rule& rule) {
  if (of.window.outside != topology::on_outside::quarantine)
    return;
  if (const auto column = time_column(layout, of))
    layout.time_guards.emplace_back(of, *column, [rule](std::int64_t days) {
      return begin_of(rule, days);
    });
}

/// What the gold runs and the questions about windows find rows of the table
/// by: its event time, and columns that join it.
std::vector<std::string> sought_columns(const topology::topology& what,
                                        const silver::table_layout& layout) {
  std::vector<std::string> result;
  const auto seek = [&](const std::string& table, const std::string& column) {
    if (table == layout.table.name && column != silver::leading_column(layout)
        && std::ranges::find(result, column) == result.end())
      result.push_back(column);
  };
  for (const auto& gold : what.golds) {
    seek(gold.window.over_table, gold.window.over_column);
    for (const auto& join : gold.joins) {
      seek(join.table, join.column);
      seek(gold.window.over_table, join.over_column);
    }
  }
  return result;
}

} // namespace

tl::expected<layouts, std::vector<topology::diagnostic>>
lay_out(const topology::topology& what) {
  std::map<std::string, table_layout> laid;
  std::vector<topology::diagnostic> mistakes;
  for (const auto& table : what.tables) {
    auto layout = silver::lay_out(table);
    if (layout) {
      layout->sought_columns = sought_columns(what, *layout);
      laid.emplace(table.name, std::move(*layout));
      continue;
    }
    for (auto& mistake : layout.error())
      mistakes.push_back(
          {what.file, mistake.where, std::move(mistake.message)});
  }
  for (const auto& each : what.golds) {
    const auto rule = gold::window_rule::make(each);
    if (!rule)
      mistakes.push_back(
          {what.file, each.where, "gold " + each.name + ": " + rule.error()});
    if (const auto over = laid.find(each.window.over_table);
        over != laid.end()) {
      if (auto mistake = refuse_times(over->second, each); !mistake.empty())
        mistakes.push_back({what.file, each.where, std::move(mistake)});
      else if (rule)
        guard(over->second, each, *rule);
    }
    for (auto& message : gold::check_columns(each))
      mistakes.push_back({what.file, each.where, std::move(message)});
  }
  if (mistakes.empty()) {
    layouts result;
    for (auto& [name, layout] : laid)
      result.emplace(name,
                     std::make_shared<const table_layout>(std::move(layout)));
    return result;
  }
  std::ranges::stable_sort(mistakes, {}, [](const auto& mistake) {
    return std::tuple{mistake.where.line, mistake.where.column};
  });
  return tl::unexpected(std::move(mistakes));
}

std::vector<std::string> create_statements(const topology::topology& what,
                                           const layouts& tables) {
  const auto& database = what.clickhouse.database;
  std::vector<std::string> result{"CREATE DATABASE IF NOT EXISTS "
                                  + topology::quote_identifier(database)};
  for (const auto& table : what.tables)
    result.push_back(silver::create_table(*tables.at(table.name), database));
  for (const auto& each : what.golds)
    result.push_back(gold::create_table(each, database));
  result.push_back(gold::create_ledger(database));
  result.push_back(gold::create_state(database));
  return result;
}

tl::expected<std::vector<std::string>, clickhouse::error>
apply(clickhouse::client& on, const topology::topology& what,
      const layouts& tables) {
  auto plan = plan_migration(on, what, tables);
  if (!plan)
    return tl::unexpected(std::move(plan.error()));
  if (auto done = migrate(on, *plan); !done)
    return tl::unexpected(std::move(done.error()));
  return std::move(plan->changes);
}

} // namespace sluice::plan
