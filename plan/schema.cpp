#include "plan/schema.hpp"

#include <tuple>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/saved_state.hpp"
#include "gold/window_rule.hpp"
#include "plan/migration.hpp"
#include "silver/ddl.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::plan {

tl::expected<layouts, std::vector<topology::diagnostic>>
lay_out(const topology::topology& what) {
  layouts result;
  std::vector<topology::diagnostic> mistakes;
  for (const auto& table : what.tables) {
    auto layout = silver::lay_out(table);
    if (layout) {
      result.emplace(table.name, std::make_shared<const silver::table_layout>(
                                     std::move(*layout)));
      continue;
    }
    for (auto& mistake : layout.error())
      mistakes.push_back(
          {what.file, mistake.where, std::move(mistake.message)});
  }
  for (const auto& each : what.golds) {
    if (const auto rule = gold::window_rule::make(each); !rule)
      mistakes.push_back(
          {what.file, each.where, "gold " + each.name + ": " + rule.error()});
    for (auto& message : gold::check_columns(each))
      mistakes.push_back({what.file, each.where, std::move(message)});
  }
  if (mistakes.empty())
    return result;
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
