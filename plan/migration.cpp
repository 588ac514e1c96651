#include "plan/migration.hpp"

#include <optional>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/saved_state.hpp"
#include "gold/tab_separated.hpp"
#include "silver/ddl.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::plan {

namespace {

using rows = std::vector<std::vector<std::string>>;

/// Compares one table after the other; ends at the first failure of ClickHouse,
/// but collects what cannot be migrated.
class comparison {
public:
  comparison(clickhouse::client& on, const std::string& database)
      : on_{on}, database_{database} {}

  void compare_database() {
    const auto found = ask("SELECT name FROM system.databases "
                           "WHERE name = {database:String}",
                           {{"database", database_}});
    if (found.empty())
      create("database " + database_,
             "CREATE DATABASE IF NOT EXISTS "
                 + topology::quote_identifier(database_));
  }

  void compare_silver(const silver::table_layout& layout) {
    const auto& name = layout.table.name;
    const auto found = columns_of(name);
    if (found.empty()) {
      create("table " + name, silver::create_table(layout, database_));
      return;
    }
    std::vector<silver::existing_column> existing;
    for (const auto& row : found)
      existing.push_back({row[0], row[1], row[2] == "1"});
    std::vector<std::string> indexes;
    if (!layout.sought_columns.empty())
      for (const auto& row :
           ask("SELECT name FROM system.data_skipping_indices "
               "WHERE database = {database:String} "
               "AND table = {table:String}",
               of_table(name)))
        indexes.push_back(row.front());
    take(silver::migrate_table(layout, database_, existing, indexes));
  }

  void compare_gold(const topology::gold& gold) {
    const auto found = columns_of(gold.name);
    if (found.empty()) {
      create("table " + gold.name, gold::create_table(gold, database_));
      return;
    }
    std::vector<gold::existing_column> existing;
    for (const auto& row : found)
      existing.push_back({row[0], row[1]});
    const auto key = ask("SELECT sorting_key FROM system.tables "
                         "WHERE database = {database:String} "
                         "AND name = {table:String}",
                         of_table(gold.name));
    std::optional<std::string> sorting_key;
    if (!key.empty())
      sorting_key = key.front().front();
    take(gold::migrate_table(gold, database_, existing, sorting_key));
  }

  void compare_ledger() {
    const std::string name{gold::ledger_table};
    if (columns_of(name).empty())
      create("table " + name, gold::create_ledger(database_));
  }

  void compare_state() {
    const std::string name{gold::state_table};
    if (columns_of(name).empty())
      create("table " + name, gold::create_state(database_));
  }

  tl::expected<migration, clickhouse::error> finish() && {
    if (failure_)
      return tl::unexpected(std::move(*failure_));
    if (reasons_.empty())
      return std::move(plan_);
    clickhouse::error cannot;
    cannot.what = clickhouse::remedy::stop;
    for (const auto& reason : reasons_)
      cannot.message += (cannot.message.empty() ? "" : "; ") + reason;
    return tl::unexpected(std::move(cannot));
  }

private:
  [[nodiscard]] clickhouse::settings of_table(const std::string& name) const {
    return {{"database", database_}, {"table", name}};
  }

  rows columns_of(const std::string& table) {
    auto found = ask("SELECT name, type, is_in_sorting_key "
                     "FROM system.columns WHERE database = {database:String} "
                     "AND table = {table:String} ORDER BY position",
                     of_table(table));
    for (const auto& row : found)
      if (row.size() != 3)
        return fail("ClickHouse answered a question about system.columns with "
                    "something else: is this address ClickHouse's?");
    return found;
  }

  rows ask(std::string sql, clickhouse::settings parameters) {
    if (failure_)
      return {};
    auto answer = on_.query({.sql = std::move(sql),
                             .format = "TabSeparated",
                             .parameters = std::move(parameters),
                             .options = {},
                             .query_id = {}});
    if (answer)
      return gold::parse_tab_separated(*answer);
    failure_ = std::move(answer.error());
    return {};
  }

  rows fail(std::string message) {
    failure_.emplace();
    failure_->what = clickhouse::remedy::stop;
    failure_->message = std::move(message);
    return {};
  }

  void create(std::string name, std::string statement) {
    plan_.missing.push_back(std::move(name));
    plan_.creations.push_back(std::move(statement));
  }

  void
  take(tl::expected<std::vector<std::string>, std::vector<std::string>> found) {
    if (failure_)
      return;
    if (!found) {
      for (auto& reason : found.error())
        reasons_.push_back(std::move(reason));
      return;
    }
    for (auto& statement : *found)
      plan_.changes.push_back(std::move(statement));
  }

  clickhouse::client& on_;
  const std::string& database_;
  migration plan_;
  std::vector<std::string> reasons_;
  std::optional<clickhouse::error> failure_;
};

} // namespace

tl::expected<migration, clickhouse::error>
plan_migration(clickhouse::client& on, const topology::topology& what,
               const layouts& tables) {
  comparison between{on, what.clickhouse.database};
  between.compare_database();
  for (const auto& table : what.tables)
    between.compare_silver(*tables.at(table.name));
  for (const auto& each : what.golds)
    between.compare_gold(each);
  between.compare_ledger();
  between.compare_state();
  return std::move(between).finish();
}

tl::expected<void, clickhouse::error> migrate(clickhouse::client& on,
                                              const migration& plan) {
  for (const auto* statements : {&plan.creations, &plan.changes})
    for (const auto& statement : *statements) {
      const auto done = on.query({.sql = statement,
                                  .format = {},
                                  .parameters = {},
                                  .options = {},
                                  .query_id = {}});
      if (!done)
        return tl::unexpected(done.error());
    }
  return {};
}

} // namespace sluice::plan
