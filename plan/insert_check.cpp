#include "plan/insert_check.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "gold/tab_separated.hpp"
#include "plan/server_check.hpp"
#include "plan/view_target.hpp"
#include "plan/words.hpp"
#include "topology/quantity.hpp"

namespace sluice::plan {

namespace {

constexpr std::string_view window_setting = "non_replicated_deduplication_"
                                            "window";
constexpr std::string_view replicated_window = "replicated_deduplication_"
                                               "window";
constexpr std::string_view replicated_seconds = "replicated_deduplication_"
                                                "window_seconds";

// ClickHouse's codes, from src/Common/ErrorCodes.cpp: what it says of a setting
// that a profile forbids or that it does not know.
constexpr std::array<int, 3> forbidden_setting = {115, 164, 452};

/// What a table's windows must hold.
struct demand {
  std::size_t in_flight = 0;
  std::size_t late = 0;
  std::chrono::seconds request{};
};

demand demand_of(const topology::table& table, const topology::topology& what,
                 const partition_counts& counts) {
  const auto partitions = partitions_of(table.topic, what, counts).value_or(1);
  return {
      blocks_in_flight(what.tuning, partitions), blocks_during_a_request(what),
      std::chrono::ceil<std::chrono::seconds>(what.clickhouse.request_timeout)};
}

/// Why a window is too small; empty: it is not.
std::string window_mistake(std::string_view name, std::uint64_t value,
                           const demand& of) {
  const auto setting = std::string{name} + " = " + std::to_string(value);
  if (name == replicated_seconds) {
    if (value >= static_cast<std::uint64_t>(of.request.count()))
      return {};
    return setting + " is shorter than a request may take ("
           + duration_text(of.request)
           + "), so that ClickHouse could forget a block before it is "
             "repeated: make it at least "
           + std::to_string(of.request.count());
  }
  if (value >= of.in_flight)
    return {};
  return setting + " is smaller than the " + std::to_string(of.in_flight)
         + " blocks that may be in flight (cuts_in_flight times the topic's "
           "partitions), so that ClickHouse could forget a block before it is "
           "repeated: make it at least "
         + std::to_string(of.in_flight + of.late);
}

bool is_replicated(std::string_view engine) {
  return engine.starts_with("Replicated") || engine.starts_with("Shared");
}

struct known_table {
  std::string uuid;
  std::string engine;
  std::string engine_full;
  /// Of a materialized view; empty for others.
  std::string statement;
};

class inquiry {
public:
  inquiry(clickhouse::client& on, const topology::topology& what,
          const partition_counts& counts)
      : on_{on}, what_{what}, counts_{counts} {}

  void check_profile() {
    clickhouse::insert_request none;
    none.deduplication_token = "sluice/check";
    const auto done = on_.query({.sql = "SELECT 1",
                                 .format = "TabSeparated",
                                 .parameters = {},
                                 .options = clickhouse::insert_settings(none),
                                 .query_id = {}});
    if (done)
      return;
    if (std::ranges::find(forbidden_setting, done.error().code)
        == forbidden_setting.end()) {
      failure_ = done.error();
      return;
    }
    found_.mistakes.push_back(
        "the profile of ClickHouse's user " + what_.clickhouse.user
        + " forbids a setting that every INSERT needs to be exactly-once: "
        + plain_words(done.error().message)
        + ". Allow it in the profile's constraints");
  }

  void look_around() {
    for (auto& row :
         ask("SELECT database, name, toString(uuid), engine, engine_full, "
             "if(engine = 'MaterializedView', create_table_query, '') "
             "FROM system.tables WHERE database NOT IN "
             "('system', 'information_schema', 'INFORMATION_SCHEMA')",
             6))
      tables_[{row[0], row[1]}] = {row[2], row[3], row[4], row[5]};
    for (auto& row :
         ask("SELECT database, name, view.1, view.2 FROM system.tables ARRAY "
             "JOIN arrayZip(dependencies_database, dependencies_table) AS view "
             "ORDER BY view",
             4))
      views_[{row[0], row[1]}].emplace_back(row[2], row[3]);
    for (auto& row : ask("SELECT name, value FROM system.merge_tree_settings "
                         "WHERE name LIKE '%deduplication_window%'",
                         2))
      defaults_[row[0]] = row[1];
  }

  void check_table(const topology::table& table) {
    const table_name name{what_.clickhouse.database, table.name};
    const auto found = tables_.find(name);
    if (found == tables_.end())
      return;
    const auto wanted = demand_of(table, what_, counts_);
    const auto subject = "table " + table.name + " in ClickHouse: ";
    const auto replicated = is_replicated(found->second.engine);
    const auto setting = replicated ? replicated_window : window_setting;
    for (const auto each :
         {setting, replicated ? replicated_seconds : setting}) {
      const auto value = value_of(found->second, each);
      if (const auto wrong = window_mistake(each, value, wanted);
          !wrong.empty()) {
        add_once(found_.mistakes,
                 subject + wrong + ", by " + mending(table.name, each));
      } else if (each != replicated_seconds
                 && value < wanted.in_flight + wanted.late) {
        add_once(found_.warnings,
                 subject + std::string{each} + " = " + std::to_string(value)
                     + " is less than the blocks that may come while a request "
                       "of up to "
                     + duration_text(what_.clickhouse.request_timeout)
                     + " is under way: make it "
                     + std::to_string(wanted.in_flight + wanted.late)
                     + " or more, by " + mending(table.name, each));
      }
    }
    seen_.clear();
    follow_views(table.name, name);
  }

  tl::expected<insert_findings, clickhouse::error> finish() && {
    if (failure_)
      return tl::unexpected(std::move(*failure_));
    return std::move(found_);
  }

private:
  std::vector<std::vector<std::string>> ask(std::string sql,
                                            std::size_t columns) {
    if (failure_)
      return {};
    auto answer = on_.query({.sql = std::move(sql),
                             .format = "TabSeparated",
                             .parameters = {},
                             .options = {},
                             .query_id = {}});
    if (!answer) {
      failure_ = std::move(answer.error());
      return {};
    }
    auto rows = gold::parse_tab_separated(*answer);
    if (std::ranges::all_of(
            rows, [&](const auto& row) { return row.size() == columns; }))
      return rows;
    failure_.emplace();
    failure_->what = clickhouse::remedy::stop;
    failure_->message = "ClickHouse answered a question about its tables with "
                        "something else: is this address ClickHouse's?";
    return {};
  }

  [[nodiscard]] std::uint64_t value_of(const known_table& table,
                                       std::string_view setting) const {
    if (const auto set = engine_setting(table.engine_full, setting))
      return *set;
    const auto found = defaults_.find(std::string{setting});
    if (found == defaults_.end())
      return 0;
    const auto number = topology::parse_count(found->second);
    return static_cast<std::uint64_t>(number.value_or(0));
  }

  [[nodiscard]] std::string mending(const std::string& table,
                                    std::string_view setting) const {
    return "ALTER TABLE " + what_.clickhouse.database + '.' + table
           + " MODIFY SETTING " + std::string{setting} + " = ...";
  }

  static void add_once(std::vector<std::string>& to, std::string line) {
    if (std::ranges::find(to, line) == to.end())
      to.push_back(std::move(line));
  }

  /// Warns of what the views of `from` write to, and goes on from there.
  void follow_views(const std::string& silver, const table_name& from) {
    const auto attached = views_.find(from);
    if (attached == views_.end() || !seen_.insert(from).second)
      return;
    for (const auto& view : attached->second) {
      const auto definition = tables_.find(view);
      if (definition == tables_.end())
        continue;
      const auto target = view_target(definition->second.statement, view,
                                      definition->second.uuid);
      if (const auto into = tables_.find(target); into != tables_.end()) {
        check_target(silver, view, target, into->second);
        follow_views(silver, target);
      }
    }
  }

  void check_target(const std::string& silver, const table_name& view,
                    const table_name& target, const known_table& into) {
    const auto& engine = into.engine;
    // Null keeps nothing; views of it are followed.
    if (engine == "Null")
      return;
    const auto merges = engine.find("MergeTree") != std::string::npos;
    const auto setting =
        is_replicated(engine) ? replicated_window : window_setting;
    if (merges && value_of(into, setting) > 0)
      return;
    const auto shown = target.first + ".`" + target.second + '`';
    auto line = "view " + view.first + '.' + view.second + " of table " + silver
                + " writes to " + shown;
    line += merges ? ", which has no deduplication window: a repeated block "
                     "would be written there twice. Give it one by ALTER TABLE "
                         + shown + " MODIFY SETTING " + std::string{setting}
                         + " = 10000"
                   : " (engine " + engine
                         + "), which cannot recognise a repeated block and "
                           "would write it twice";
    add_once(found_.warnings, std::move(line));
  }

  clickhouse::client& on_;
  const topology::topology& what_;
  const partition_counts& counts_;
  std::map<table_name, known_table> tables_;
  std::map<table_name, std::vector<table_name>> views_;
  std::map<std::string, std::string> defaults_;
  std::set<table_name> seen_;
  insert_findings found_;
  std::optional<clickhouse::error> failure_;
};

} // namespace

std::vector<topology::diagnostic>
check_window_settings(const topology::topology& what,
                      const partition_counts& counts) {
  std::vector<topology::diagnostic> found;
  for (const auto& table : what.tables) {
    const auto wanted = demand_of(table, what, counts);
    for (const auto name :
         {window_setting, replicated_window, replicated_seconds}) {
      const auto set = table.settings.find(std::string{name});
      if (set == table.settings.end())
        continue;
      const auto value = topology::parse_count(set->second);
      if (!value || *value < 0)
        continue; // ClickHouse itself refuses it
      const auto wrong =
          window_mistake(name, static_cast<std::uint64_t>(*value), wanted);
      if (!wrong.empty())
        found.push_back({what.file, table.where,
                         "'settings' of table '" + table.name + "': " + wrong});
    }
  }
  return found;
}

tl::expected<insert_findings, clickhouse::error>
check_inserts(clickhouse::client& on, const topology::topology& what,
              const partition_counts& counts) {
  inquiry about{on, what, counts};
  about.check_profile();
  about.look_around();
  for (const auto& table : what.tables)
    about.check_table(table);
  return std::move(about).finish();
}

} // namespace sluice::plan
