#include "plan/server_check.hpp"

#include <tuple>

#include "gold/ddl.hpp"
#include "gold/ledger.hpp"
#include "gold/runner.hpp"
#include "gold/window_rule.hpp"
#include "plan/gold_check.hpp"
#include "silver/ddl.hpp"
#include "topology/named.hpp"
#include "topology/nearest.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::plan {

namespace {

// ClickHouse's codes, from src/Common/ErrorCodes.cpp.
constexpr int unknown_table = 60;
constexpr int unknown_database = 81;

/// Holds the columns of one silver table while its expressions are checked.
constexpr std::string_view columns_table = "_sluice_check";

/// Settings that name disks of the user's server.
constexpr std::array<std::string_view, 2> disk_settings = {"storage_policy",
                                                           "disk"};

/// The day whose window the golds are run for; any would do.
constexpr std::chrono::sys_seconds example_time{std::chrono::sys_days{
    std::chrono::year{2026} / std::chrono::February / 20}};

gold::instant example_clock() { return gold::instant{example_time}; }

class server_check {
public:
  server_check(const connector& scratch, const topology::topology& what)
      : what_{what}, database_{what.clickhouse.database},
        quoted_{topology::quote_identifier(database_)},
        first_{scratch("default")} {}

  bool create_database() {
    const auto done = run("CREATE DATABASE IF NOT EXISTS " + quoted_);
    if (!done)
      add({}, "database " + database_, done.error());
    return done.has_value();
  }

  void check(const silver::table_layout& layout) {
    if (!create_columns(layout))
      return;
    const auto before = found_.mistakes.size();
    for (std::size_t index = 0; index < layout.types.size(); ++index)
      check_expression(layout, index);
    const auto& filter = layout.table.filter;
    if (!filter.empty())
      expect(layout.table.where, "filter of table " + layout.table.name,
             "SELECT 1 FROM " + columns_name() + " WHERE (" + filter + "\n)");
    // A wrong expression would be said a second time.
    if (found_.mistakes.size() == before)
      expect(layout.table.where, "table " + layout.table.name,
             silver::create_table(portable(layout), database_));
    (void)run("DROP TABLE IF EXISTS " + columns_name());
  }

  [[nodiscard]] bool clean() const { return found_.mistakes.empty(); }

  void create(const topology::gold& gold) {
    expect(gold.where, "gold table " + gold.name,
           gold::create_table(gold, database_));
  }

  void create_ledger() {
    expect({}, "table " + std::string{gold::ledger_table},
           gold::create_ledger(database_));
  }

  void check(clickhouse::client& on, const topology::gold& gold) {
    gold::run_request request;
    const auto rule = gold::window_rule::make(gold);
    if (!rule) {
      found_.mistakes.push_back(
          {what_.file, gold.where, "gold " + gold.name + ": " + rule.error()});
      return;
    }
    request.what = rule->newest_containing(example_time);
    request.trigger = "check";
    request.run_id = gold::make_run_id(example_clock());
    request.node = "check";
    const auto done =
        gold::run_window(on, database_, gold, request, example_clock);
    if (done)
      return look_at(on, gold, request.what);
    if (reads_elsewhere(done.error()))
      found_.unchecked.push_back("the SQL of gold " + gold.name
                                 + " reads what this topology does not define: "
                                 + plain_words(done.error().message)
                                 + meant(done.error().message));
    else
      add(gold.where, "SQL of gold " + gold.name, done.error());
  }

  void look_at(clickhouse::client& on, const topology::gold& gold,
               const gold::window& example) {
    auto seen = check_gold(on, what_, gold, example);
    for (auto& warning : seen.warnings)
      found_.warnings.push_back({what_.file, gold.where, std::move(warning)});
    for (auto& reason : seen.unchecked)
      found_.unchecked.push_back(std::move(reason));
  }

  server_findings take() && {
    std::ranges::stable_sort(found_.mistakes, {}, [](const auto& mistake) {
      return std::tuple{mistake.where.line, mistake.where.column};
    });
    return std::move(found_);
  }

private:
  [[nodiscard]] std::string columns_name() const {
    return quoted_ + '.' + std::string{columns_table};
  }

  bool create_columns(const silver::table_layout& layout) {
    std::string columns;
    const auto append = [&](const std::string& name,
                            const silver::column_type& type) {
      columns += (columns.empty() ? "" : ", ")
                 + topology::quote_identifier(name) + ' ' + type.name();
    };
    for (std::size_t index = 0; index < layout.types.size(); ++index)
      append(layout.table.columns[index].name, layout.types[index]);
    for (auto index = layout.partition_column;
         index < layout.block_columns.size(); ++index)
      append(layout.block_columns[index].name,
             layout.block_columns[index].type);
    return expect(layout.table.where, "table " + layout.table.name,
                  "CREATE TABLE " + columns_name() + " (" + columns
                      + ") ENGINE = Memory");
  }

  void check_expression(const silver::table_layout& layout, std::size_t index) {
    const auto& column = layout.table.columns[index];
    const auto& text =
        column.computed.empty() ? column.constant : column.computed;
    if (text.empty())
      return;
    // The line feed ends a comment at the end of what the user wrote.
    expect(column.where,
           "column " + column.name + " of table " + layout.table.name,
           "SELECT CAST((" + text + "\n) AS " + layout.types[index].name()
               + ") FROM " + columns_name());
  }

  /// The layout without what only a cluster or the user's server has.
  silver::table_layout portable(const silver::table_layout& layout) {
    auto result = layout;
    auto& table = result.table;
    if (table.engine.starts_with("Replicated")
        || table.engine.starts_with("Shared")) {
      found_.unchecked.push_back("engine " + table.engine + " of table "
                                 + table.name + " needs a cluster");
      table.engine.clear();
    }
    for (const auto name : disk_settings)
      if (table.settings.erase(std::string{name}) != 0)
        found_.unchecked.push_back("setting " + std::string{name} + " of table "
                                   + table.name
                                   + " names a disk of your server");
    return result;
  }

  [[nodiscard]] bool reads_elsewhere(const clickhouse::error& failure) const {
    if (failure.code == unknown_database)
      return true;
    return failure.code == unknown_table
           && failure.message.find(database_ + '.') == std::string::npos
           && failure.message.find(quoted_ + '.') == std::string::npos;
  }

  /// Which silver table may be meant by the first name in quotes.
  [[nodiscard]] std::string meant(std::string_view message) const {
    const auto from = message.find('\'');
    const auto to = message.find('\'', from + 1);
    if (from == std::string_view::npos || to == std::string_view::npos)
      return {};
    return topology::advice(message.substr(from + 1, to - from - 1),
                            names_of(what_.tables));
  }

  tl::expected<std::string, clickhouse::error> run(std::string sql) {
    return first_->query({.sql = std::move(sql),
                          .format = "TabSeparated",
                          .parameters = {},
                          .options = {},
                          .query_id = {}});
  }

  bool expect(topology::position where, const std::string& subject,
              std::string sql) {
    const auto done = run(std::move(sql));
    if (!done)
      add(where, subject, done.error());
    return done.has_value();
  }

  void add(topology::position where, const std::string& subject,
           const clickhouse::error& failure) {
    found_.mistakes.push_back({what_.file, where,
                               "ClickHouse refuses the " + subject + ": "
                                   + plain_words(failure.message)});
  }

  const topology::topology& what_;
  const std::string& database_;
  std::string quoted_;
  std::unique_ptr<clickhouse::client> first_;
  server_findings found_;
};

} // namespace

server_findings check_on_server(const connector& scratch,
                                const topology::topology& what,
                                const layouts& tables) {
  server_check check{scratch, what};
  if (!check.create_database())
    return std::move(check).take();
  for (const auto& table : what.tables)
    check.check(*tables.at(table.name));
  check.create_ledger();
  for (const auto& each : what.golds)
    check.create(each);
  // Over tables that are not there every SQL fails.
  if (!check.clean())
    return std::move(check).take();
  const auto in_database = scratch(what.clickhouse.database);
  for (const auto& each : what.golds)
    check.check(*in_database, each);
  return std::move(check).take();
}

std::string plain_words(std::string_view message) {
  constexpr std::string_view exception = "DB::Exception: ";
  if (message.starts_with("Code: "))
    if (const auto at = message.find(exception); at != std::string_view::npos)
      message.remove_prefix(at + exception.size());
  if (const auto version = message.rfind(" (version ");
      version != std::string_view::npos)
    message = message.substr(0, version);
  std::string result{message};
  std::ranges::replace(result, '\n', ' ');
  while (!result.empty() && (result.back() == ' ' || result.back() == '.'))
    result.pop_back();
  return result;
}

} // namespace sluice::plan
