#include "gold/narrowing.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "gold/sql.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold::narrowing {

namespace {

using topology::quote_identifier;
using topology::quote_literal;

/// The condition goes with the statement, and is compared with the keys of
/// each granule.
constexpr std::size_t ranges_max = 1000;

/// As the plan and the setting name a table.
std::string plain_name(const topology::gold& g, const std::string& database) {
  return database + "." + g.window.over_table;
}

std::string additional_filter(const topology::gold& g,
                              const std::string& database,
                              const std::string& condition) {
  return "additional_table_filters = {" + quote_literal(plain_name(g, database))
         + ": " + quote_literal(condition) + "}";
}

/// Without the white space at both ends.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// What the index's condition reads when both bounds are in it, each the only
/// one of its kind.
std::array<std::string, 2> bounded(const topology::gold& g,
                                   const window& what) {
  const auto seconds = [](std::chrono::sys_seconds when) {
    return std::to_string(when.time_since_epoch().count());
  };
  const auto& column = g.window.over_column;
  const auto begin = "(" + column + " in [" + seconds(what.start) + ", +Inf))";
  const auto end = "(" + column + " in (-Inf, " + seconds(what.end) + "))";
  return {"Condition: and(" + begin + ", " + end + ")",
          "Condition: and(" + end + ", " + begin + ")"};
}

} // namespace

std::string key_question(const topology::gold& g, const std::string& database) {
  const auto is_table = " = " + quote_literal(g.window.over_table);
  const auto is_database = "database = " + quote_literal(database);
  return "SELECT name FROM system.columns WHERE " + is_database + " AND table"
         + is_table
         + " AND match(type, '^(U?Int(8|16|32|64)|String|UUID)$')\n"
           "  AND name IN (SELECT splitByString(', ', trim(BOTH '()' FROM "
           "sorting_key))[1]\n"
           "    FROM system.tables WHERE "
         + is_database + " AND name" + is_table
         + " AND position(engine, 'Replacing') > 0)";
}

std::string plan_question(const topology::gold& g, const std::string& database,
                          const std::string& rendered_sql) {
  // The condition is not constant, so that it is computed for rows alone. Sets
  // of IN are not made for the plan (neither for keys nor to weigh conditions):
  // that would be to run a part of the SQL.
  return "EXPLAIN indexes = 1 SELECT * FROM (\n" + rendered_sql
         + "\n)\nSETTINGS final = 0, use_index_for_in_with_subqueries = 0, "
           "optimize_move_to_prewhere = 0, "
         + additional_filter(g, database, "throwIf(ignore(_version) = 0) = 0");
}

bool reads_window_only(const std::vector<std::vector<std::string>>& plan,
                       const topology::gold& g, const std::string& database,
                       const window& what) {
  const auto conditions = bounded(g, what);
  const auto read = "ReadFromMergeTree (" + plain_name(g, database) + ")";
  const auto index = "Name: _gold_" + g.window.over_column;
  std::size_t reads = 0;
  std::size_t bounded_reads = 0;
  bool within = false;
  bool at_index = false;
  for (const auto& row : plan) {
    // A DateTime64 is shown in quotes, a DateTime is not.
    auto text = row.front();
    std::erase(text, '\'');
    const auto line = trimmed(text);
    if (line.find("ReadFrom") != std::string_view::npos) {
      // What another kind of source reads in the end is not in this plan.
      if (!line.starts_with("ReadFromMergeTree ("))
        return false;
      within = line == read;
      reads += within ? 1 : 0;
      at_index = false;
    } else if (line.starts_with("Name: ")) {
      at_index = within && line == index;
    } else if (at_index && line.starts_with("Condition: ")) {
      bounded_reads += std::ranges::find(conditions, line) != conditions.end();
      at_index = false;
    }
  }
  return reads > 0 && bounded_reads == reads;
}

std::string ranges_question(const topology::gold& g,
                            const std::string& database, const std::string& key,
                            const window& what) {
  const auto name = quote_identifier(key);
  const auto time = quote_identifier(g.window.over_column);
  return "SELECT toString(min(" + name + ")), toString(max(" + name
         + "))\nFROM " + quote_identifier(database) + "."
         + quote_identifier(g.window.over_table) + "\nWHERE " + time
         + " >= " + time_literal(what.start, g.timezone) + " AND " + time
         + " < " + time_literal(what.end, g.timezone)
         + "\nGROUP BY _part, intDiv(_part_offset, 8192)\nLIMIT "
         + std::to_string(ranges_max + 1) + "\nSETTINGS final = 0";
}

std::optional<std::string>
filter(const std::string& key,
       const std::vector<std::vector<std::string>>& ranges) {
  if (ranges.empty() || ranges.size() > ranges_max)
    return std::nullopt;
  const auto name = quote_identifier(key);
  std::string result;
  for (const auto& each : ranges) {
    if (each.size() != 2)
      return std::nullopt;
    result += (result.empty() ? "" : " OR ") + ("(" + name + " >= ")
              + quote_literal(each[0]) + " AND " + name
              + " <= " + quote_literal(each[1]) + ")";
  }
  return result;
}

std::string clause(const topology::gold& g, const std::string& database,
                   const std::string& condition) {
  return "\nSETTINGS " + additional_filter(g, database, condition);
}

} // namespace sluice::gold::narrowing
