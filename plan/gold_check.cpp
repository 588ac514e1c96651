#include "plan/gold_check.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "gold/ddl.hpp"
#include "gold/sql.hpp"
#include "gold/statements.hpp"
#include "gold/tab_separated.hpp"
#include "gold/window_rule.hpp"
#include "plan/repeated_key.hpp"
#include "plan/server_check.hpp"
#include "plan/words.hpp"
#include "topology/named.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::plan {

namespace {

using clickhouse::error;

/// Takes the place of the `over` table.
constexpr std::string_view probe_table = "_sluice_check_window";

/// The day whose window is looked at; any would do.
constexpr std::chrono::sys_seconds example_time{std::chrono::sys_days{
    std::chrono::year{2026} / std::chrono::February / 20}};

/// Names that the SQL yields, or what is wrong with it.
tl::expected<std::vector<std::string>, error>
result_names(clickhouse::client& on, const topology::gold& gold,
             const std::string& sql) {
  clickhouse::query_request request;
  request.sql = gold::statements::describe(sql);
  request.format = "TabSeparated";
  request.options =
      gold::statements::select_settings(gold.timezone, gold.timeout);
  const auto answer = on.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  std::vector<std::string> names;
  for (auto& row : gold::parse_tab_separated(*answer))
    names.push_back(std::move(row.front()));
  return names;
}

/// What is wrong, empty: nothing. The error: ClickHouse did not answer.
tl::expected<std::string, error> refusal_of(clickhouse::client& on,
                                            const topology::gold& gold) {
  const auto rule = gold::window_rule::make(gold);
  if (!rule)
    return rule.error();
  const auto sql = gold::render_sql(
      gold.sql, rule->newest_containing(example_time), gold.timezone);
  if (!sql)
    return sql.error();
  const auto names = result_names(on, gold, *sql);
  if (!names && names.error().what == clickhouse::remedy::retry)
    return tl::unexpected(names.error());
  if (!names)
    return "ClickHouse refuses its SQL: " + plain_words(names.error().message);
  const auto matched = gold::match_result_columns(gold, *names);
  return matched ? std::string{} : matched.error();
}

class gold_check {
public:
  gold_check(clickhouse::client& scratch, const topology::topology& what,
             const topology::gold& gold, const gold::window& example)
      : on_{scratch}, what_{what}, gold_{gold}, example_{example},
        database_{topology::quote_identifier(what.clickhouse.database)},
        subject_{"the SQL of gold " + gold.name} {}

  gold_findings run() && {
    const auto sql = gold::render_sql(gold_.sql, example_, gold_.timezone);
    if (!sql)
      return std::move(found_);
    sql_ = *sql;
    check_tree();
    if (const auto failure = check_window())
      not_looked_at("whether " + subject_ + " keeps to its window",
                    plain_words(failure->message));
    return std::move(found_);
  }

private:
  void not_looked_at(const std::string& what, const std::string& why) {
    found_.unchecked.push_back(what + " was not looked at: " + why);
  }

  // -- tables and keys -------------------------------------------------------

  void check_tree() {
    // Without these ClickHouse groups by other expressions than are written.
    const auto answer =
        ask("EXPLAIN QUERY TREE run_passes = 1\n" + sql_,
            {{"allow_experimental_analyzer", "1"},
             {"optimize_group_by_function_keys", "0"},
             {"optimize_injective_functions_in_group_by", "0"}});
    std::string lines;
    if (answer)
      for (const auto& row : gold::parse_tab_separated(*answer))
        (lines += row.front()) += '\n';
    const auto tree = parse_query_tree(lines);
    if (!tree)
      return not_looked_at("which tables " + subject_
                               + " reads, and whether a key can come twice,",
                           answer ? "EXPLAIN QUERY TREE shows no tree"
                                  : plain_words(answer.error().message));
    check_tables(*tree);
    check_key(*tree);
  }

  void check_tables(const tree_node& tree) {
    std::set<std::string> seen;
    const auto prefix = what_.clickhouse.database + ".";
    for (const auto* node : find_all(tree, "TABLE")) {
      const std::string full{node->attribute("table_name")};
      if (!full.starts_with(prefix) || !seen.insert(full).second)
        continue;
      const auto name = full.substr(prefix.size());
      if (topology::find_named(what_.tables, name) != nullptr)
        check_silver(name);
      else if (topology::find_named(what_.golds, name) != nullptr
               && name != gold_.name
               && std::ranges::find(gold_.after, name) == gold_.after.end())
        found_.warnings.push_back(subject_ + " reads gold " + name
                                  + ", which is not under its 'after': when "
                                    "that has run, its windows "
                                    "are not run again. Write  after: ["
                                  + name + "]");
    }
  }

  void check_silver(const std::string& name) {
    const auto joins = std::ranges::any_of(
        gold_.joins, [&](const auto& each) { return each.table == name; });
    if (joins || name == gold_.window.over_table)
      return;
    found_.warnings.push_back(
        subject_ + " reads table " + name
        + ", which is not its 'over' table, nor under 'children' or "
          "'dimensions': what changes there runs no window again. Write  "
          "dimensions: {"
        + name
        + ": {on: COLUMN}}  (with 'appears: next_run' if it is meant so)");
  }

  void check_key(const tree_node& tree) {
    if (gold_.key.empty())
      return;
    const auto places = key_places();
    const auto finding =
        places ? find_repeated_key(tree, *places, what_) : key_finding{};
    if (finding.what == key_verdict::can_repeat)
      found_.warnings.push_back(
          subject_ + " can yield a key (" + joined(gold_.key)
          + ") more than once, and such a run fails: " + finding.why
          + ". Group by the key alone, with any() or max() around the rest, or "
            "extend the key");
    else if (finding.what == key_verdict::unknown)
      not_looked_at("whether " + subject_ + " can yield a key twice",
                    "it is no single SELECT with a GROUP BY");
  }

  /// Where the key's columns stand in the result.
  std::optional<std::vector<std::size_t>> key_places() {
    const auto found = result_names(on_, gold_, sql_);
    if (!found)
      return std::nullopt;
    const auto& names = *found;
    const auto sources = gold::match_result_columns(gold_, names);
    if (!sources)
      return std::nullopt;
    const auto columns = gold::result_columns(gold_);
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (std::ranges::find(gold_.key, columns[i].name) != gold_.key.end())
        result.push_back(static_cast<std::size_t>(
            std::ranges::find(names, (*sources)[i]) - names.begin()));
    return result;
  }

  // -- the window ------------------------------------------------------------

  /// ClickHouse leaves out parts whose rows the SQL cannot want: here the only
  /// part has one row, just outside of the window.
  std::optional<error> check_window() {
    const auto before = reads_row_at(before_window());
    const auto after = before ? reads_row_at(after_window()) : before;
    if (!after)
      return after.error();
    if (!*before && !*after)
      return std::nullopt;
    const auto& over = gold_.window;
    const auto time = over.over_column;
    found_.warnings.push_back(
        subject_ + " reads rows of " + over.over_table + " whose " + time
        + " is " + (*before ? "before {window_start}" : "")
        + (*before && *after ? ", and " : "")
        + (*after ? "at {window_end} or later" : "")
        + ", as far as ClickHouse can tell: when these change, the window is "
          "not run again. Where "
        + over.over_table + " is read, write  WHERE " + time
        + " >= {window_start} AND " + time + " < {window_end}");
    return std::nullopt;
  }

  [[nodiscard]] bool holds_days() const {
    return gold_.window.over_type.find("Time") == std::string::npos;
  }

  [[nodiscard]] std::string before_window() const {
    const auto start = gold::time_literal(example_.start, gold_.timezone);
    return holds_days() ? "toDate32(" + start + ") - 1"
                        : start + " - INTERVAL 1 SECOND";
  }

  /// The first that is not in the window any more.
  [[nodiscard]] std::string after_window() const {
    const auto last = example_.end - std::chrono::seconds{1};
    return holds_days() ? "toDate32(" + gold::time_literal(last, gold_.timezone)
                              + ") + 1"
                        : gold::time_literal(example_.end, gold_.timezone);
  }

  /// Whether the SQL wants a row of this event time.
  tl::expected<bool, error> reads_row_at(const std::string& when) {
    const auto probe = qualified(std::string{probe_table});
    const auto over = qualified(gold_.window.over_table);
    const auto column = topology::quote_identifier(gold_.window.over_column);
    const auto swap = "EXCHANGE TABLES " + over + " AND " + probe;
    for (const auto& sql :
         {"DROP TABLE IF EXISTS " + probe,
          "CREATE TABLE " + probe + " AS " + over
              + " ENGINE = MergeTree PARTITION BY " + column
              + " ORDER BY tuple() SETTINGS allow_nullable_key = 1",
          "INSERT INTO " + probe + " (" + column + ") SELECT " + when, swap})
      if (const auto done = ask(sql, {}); !done)
        return tl::unexpected(done.error());
    // Without these it counts rows, or reads bounds of parts, instead.
    const auto estimate = ask("EXPLAIN ESTIMATE\n" + sql_,
                              {{"optimize_trivial_count_query", "0"},
                               {"optimize_use_projections", "0"},
                               {"optimize_use_implicit_projections", "0"}});
    for (const auto& sql : {swap, "DROP TABLE IF EXISTS " + probe})
      if (const auto done = ask(sql, {}); !done)
        return tl::unexpected(done.error());
    if (!estimate)
      return tl::unexpected(estimate.error());
    // Database, table, parts, rows, marks.
    return std::ranges::any_of(
        gold::parse_tab_separated(*estimate), [this](const auto& row) {
          return row.size() > 3 && row[0] == what_.clickhouse.database
                 && row[1] == gold_.window.over_table && row[3] != "0";
        });
  }

  [[nodiscard]] std::string qualified(const std::string& table) const {
    return database_ + "." + topology::quote_identifier(table);
  }

  tl::expected<std::string, error> ask(std::string sql,
                                       const clickhouse::settings& besides) {
    clickhouse::query_request request;
    request.sql = std::move(sql);
    request.format = "TabSeparated";
    request.options =
        gold::statements::select_settings(gold_.timezone, gold_.timeout);
    request.options.insert(request.options.end(), besides.begin(),
                           besides.end());
    return on_.query(request);
  }

  clickhouse::client& on_;
  const topology::topology& what_;
  const topology::gold& gold_;
  gold::window example_;
  std::string database_;
  std::string subject_;
  std::string sql_;
  gold_findings found_;
};

} // namespace

std::vector<std::string> refused_golds(clickhouse::endpoint& on,
                                       const topology::topology& what) {
  std::vector<std::string> result;
  const auto connection = on.connect();
  for (const auto& each : what.golds) {
    const auto why = refusal_of(*connection, each);
    if (!why)
      break;
    if (!why->empty())
      result.push_back("gold " + each.name + " cannot run: " + *why);
  }
  return result;
}

gold_findings check_gold(clickhouse::client& scratch,
                         const topology::topology& what,
                         const topology::gold& gold,
                         const gold::window& example) {
  return gold_check{scratch, what, gold, example}.run();
}

} // namespace sluice::plan
