#include "gold/ddl.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include "gold/partition.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold {

namespace {

constexpr std::string_view window_type = "DateTime('UTC')";
constexpr std::string_view run_type = "String";

// old_parts_lifetime: replaced parts must not wait on disk (see the header).
// What protects other tables from a power cut in that time is done by fsync;
// gold tables are written seldom enough for it.
constexpr std::string_view table_settings =
    "SETTINGS old_parts_lifetime = 0, fsync_after_insert = 1,\n"
    "         fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1";

std::string qualified(const std::string& database, const std::string& table) {
  return topology::quote_identifier(database) + "."
         + topology::quote_identifier(table);
}

std::string key_clause(const topology::gold& g) {
  if (g.key.empty())
    return "tuple()";
  std::string result = "(";
  for (const auto& name : g.key)
    result +=
        (result.size() > 1 ? ", " : "") + topology::quote_identifier(name);
  return result += ")";
}

/// The columns and clauses that table and staging tables share: only the
/// expressions of the hidden columns differ.
std::string structure(const topology::gold& g, std::int64_t window_start,
                      const std::string& run_id) {
  std::string result = " (\n";
  for (const auto& column : visible_columns(g))
    result += "  " + topology::quote_identifier(column.name) + " " + column.type
              + ",\n";
  result += "  " + topology::quote_identifier(window_column) + " "
            + std::string(window_type) + " MATERIALIZED toDateTime("
            + std::to_string(window_start) + ", 'UTC'),\n";
  result += "  " + topology::quote_identifier(run_column) + " "
            + std::string(run_type) + " MATERIALIZED "
            + topology::quote_literal(run_id) + "\n)\n";
  result += "ENGINE = MergeTree\nPARTITION BY "
            + partition_of(g, topology::quote_identifier(window_column))
            + "\nORDER BY " + key_clause(g) + "\n";
  return result.append(table_settings);
}

/// Type name without the white space that carries no meaning.
std::string normal_type(std::string_view type) {
  std::string result;
  bool quoted = false;
  for (const auto c : type) {
    if (c == '\'')
      quoted = !quoted;
    if (quoted || (c != ' ' && c != '\t' && c != '\n'))
      result += c;
  }
  return result;
}

/// Sorting key as text without white space, quotes and outer parentheses.
std::string normal_key(std::string_view key) {
  std::string result;
  for (const auto c : key)
    if (c != ' ' && c != '`')
      result += c;
  if (result == "tuple()")
    return {};
  if (result.size() > 1 && result.front() == '(' && result.back() == ')')
    result = result.substr(1, result.size() - 2);
  return result;
}

bool is_hidden(std::string_view name) {
  return name == window_column || name == run_column;
}

const existing_column* find(const std::vector<existing_column>& columns,
                            std::string_view name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(),
                   [&](const auto& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

bool declares(const topology::gold& g, std::string_view name) {
  return std::any_of(g.columns.begin(), g.columns.end(),
                     [&](const auto& column) { return column.name == name; });
}

bool in_key(const topology::gold& g, const std::string& name) {
  return std::find(g.key.begin(), g.key.end(), name) != g.key.end();
}

std::string joined_key(const topology::gold& g) {
  std::string result;
  for (const auto& name : g.key)
    result += (result.empty() ? "" : ", ") + name;
  return result;
}

/// Why rows of this table cannot be those of the gold, whatever is added.
std::vector<std::string>
find_conflicts(const topology::gold& g,
               const std::vector<existing_column>& existing,
               const std::optional<std::string>& sorting_key) {
  std::vector<std::string> reasons;
  const auto conflict = [&](const std::string& what) {
    reasons.push_back("gold table " + g.name + ": " + what);
  };
  for (const auto& [name, type] : {std::pair{window_column, window_type},
                                   std::pair{run_column, run_type}}) {
    const auto* column = find(existing, name);
    if (column == nullptr || column->type != type)
      conflict("the existing table has no column " + std::string(name) + " "
               + std::string(type)
               + ", so it is no gold table of Sluice: rename one of the two");
  }
  if (!reasons.empty())
    return reasons;
  const auto visible = visible_columns(g);
  for (const auto& column : visible) {
    const auto* there = find(existing, column.name);
    if (there == nullptr && in_key(g, column.name))
      conflict("key column " + column.name
               + " is missing, and a key cannot be changed: drop the table and "
                 "run its windows again");
    if (there != nullptr
        && normal_type(there->type) != normal_type(column.type))
      conflict("column " + column.name + " is " + there->type
               + ", the topology says " + column.type
               + ": ALTER TABLE ... MODIFY COLUMN it, or declare it so");
  }
  for (const auto& column : existing) {
    const auto known =
        std::any_of(visible.begin(), visible.end(),
                    [&](const auto& v) { return v.name == column.name; });
    if (!known && !is_hidden(column.name))
      conflict(
          "column " + column.name
          + " is not declared any more: ALTER TABLE ... DROP COLUMN it, or "
            "declare it");
  }
  if (sorting_key && normal_key(*sorting_key) != normal_key(joined_key(g)))
    conflict("its key is (" + *sorting_key + "), the topology says ("
             + joined_key(g)
             + "), and a key cannot be changed: drop the table and run its "
               "windows again");
  return reasons;
}

} // namespace

std::vector<table_column> visible_columns(const topology::gold& g) {
  std::vector<table_column> result;
  result.reserve(g.columns.size() + 1);
  for (const auto& column : g.columns)
    result.push_back({column.name, column.type});
  if (!declares(g, updated_at_column))
    result.push_back({std::string(updated_at_column), "DateTime"});
  return result;
}

std::vector<table_column> result_columns(const topology::gold& g) {
  auto result = visible_columns(g);
  std::erase_if(result, [](const auto& column) {
    return column.name == updated_at_column;
  });
  return result;
}

std::string create_table(const topology::gold& g, const std::string& database) {
  return "CREATE TABLE IF NOT EXISTS " + qualified(database, g.name)
         + structure(g, 0, {});
}

std::string create_staging(const topology::gold& g, const std::string& database,
                           const std::string& staging, const window& what,
                           const std::string& run_id) {
  return "CREATE TABLE " + qualified(database, staging)
         + structure(g, what.start.time_since_epoch().count(), run_id);
}

std::vector<std::string> check_columns(const topology::gold& g) {
  std::vector<std::string> mistakes;
  std::set<std::string_view> seen;
  for (const auto& column : g.columns) {
    if (is_hidden(column.name))
      mistakes.push_back("column " + column.name
                         + " is Sluice's own: choose another name");
    if (!seen.insert(column.name).second)
      mistakes.push_back("column " + column.name + " is declared twice");
    if (in_key(g, column.name) && column.type.starts_with("Nullable("))
      mistakes.push_back("key column " + column.name + " cannot be Nullable");
  }
  for (const auto& name : g.key) {
    if (name == updated_at_column)
      mistakes.push_back("_updated_at changes with every run and cannot be in "
                         "the key");
    else if (!seen.contains(name))
      mistakes.push_back("key column " + name + " is not declared in columns");
  }
  return mistakes;
}

tl::expected<std::vector<std::string>, std::vector<std::string>>
migrate_table(const topology::gold& g, const std::string& database,
              const std::vector<existing_column>& existing,
              const std::optional<std::string>& sorting_key) {
  if (auto reasons = find_conflicts(g, existing, sorting_key); !reasons.empty())
    return tl::unexpected(std::move(reasons));
  std::vector<std::string> statements;
  std::string after = "FIRST";
  for (const auto& column : visible_columns(g)) {
    if (find(existing, column.name) == nullptr)
      statements.push_back("ALTER TABLE " + qualified(database, g.name)
                           + " ADD COLUMN IF NOT EXISTS "
                           + topology::quote_identifier(column.name) + " "
                           + column.type + " " + after);
    after = "AFTER " + topology::quote_identifier(column.name);
  }
  return statements;
}

} // namespace sluice::gold
