#include "clickhouse/insert_statement.hpp"

#include <algorithm>
#include <array>

#include "topology/sql_quoting.hpp"

namespace sluice::clickhouse {

namespace {

using pinned_setting = std::pair<std::string_view, std::string_view>;

// Squashing ends only with the statement, so that all rows of it are one block;
// the number is part of what a token identifies (another block size is another
// insert to ClickHouse), so it must never depend on the block.
constexpr std::string_view rows_above_any_block = "1000000000";

constexpr std::array<pinned_setting, 9> pinned = {{
    {"async_insert", "0"},
    {"insert_deduplicate", "1"},
    {"max_threads", "1"},
    {"max_insert_threads", "1"},
    {"max_insert_block_size", rows_above_any_block},
    {"min_insert_block_size_rows", rows_above_any_block},
    {"min_insert_block_size_bytes", "0"},
    {"max_partitions_per_insert_block", "0"},
    {"deduplicate_blocks_in_dependent_materialized_views", "1"},
}};

// Rows of one key in a block stay until a merge: to fold them before the part
// is written costs a third of an insert, and they are few. What FINAL shows is
// the same.
constexpr pinned_setting unless_told_otherwise = {"optimize_on_insert", "0"};

constexpr std::string_view token_setting = "insert_deduplication_token";

bool is_pinned(std::string_view name) {
  return name == token_setting
         || std::ranges::find(pinned, name, &pinned_setting::first)
                != pinned.end();
}

std::string column_list(const insert_request& request) {
  std::string result;
  for (const auto& column : request.columns) {
    result += result.empty() ? "" : ", ";
    result += topology::quote_identifier(column);
  }
  return result;
}

std::string target(const insert_request& request) {
  auto table = topology::quote_identifier(request.table);
  if (!request.database.empty())
    table = topology::quote_identifier(request.database) + '.' + table;
  return "INSERT INTO " + table + " (" + column_list(request) + ")";
}

// if() takes a NULL condition as false, which is what "does not meet" means.
std::string selected_columns(const insert_request& request) {
  std::string result;
  for (const auto& column : request.columns) {
    result += result.empty() ? "" : ", ";
    const auto name = topology::quote_identifier(column);
    result += column == request.hide_column
                  ? "if((" + request.filter + "), " + name + ", 1)"
                  : name;
  }
  return result;
}

} // namespace

settings insert_settings(const insert_request& request) {
  settings result{settings::value_type{unless_told_otherwise}};
  for (const auto& option : request.options) {
    const auto known =
        std::ranges::find(result, option.first, &settings::value_type::first);
    if (known != result.end())
      known->second = option.second;
    else if (!is_pinned(option.first))
      result.push_back(option);
  }
  for (const auto& [name, value] : pinned)
    result.emplace_back(name, value);
  if (!request.deduplication_token.empty())
    result.emplace_back(token_setting, request.deduplication_token);
  return result;
}

std::string insert_select(const insert_request& request,
                          std::string_view source) {
  const auto filtered = !request.filter.empty();
  const auto hides = filtered && !request.hide_column.empty();
  auto sql = target(request) + " SELECT "
             + (hides ? selected_columns(request) : column_list(request))
             + " FROM " + std::string{source};
  auto where = std::string_view{" WHERE ("};
  if (!request.chosen.empty()) {
    sql += where;
    sql += request.chosen + ")";
    where = " AND (";
  }
  if (filtered && !hides) {
    sql += where;
    sql += request.filter + ")";
  }
  return sql;
}

std::string insert_statement(const insert_request& request) {
  if (request.filter.empty() && request.chosen.empty())
    return target(request) + " FORMAT Native";
  return insert_select(request, "input("
                                    + topology::quote_literal(request.structure)
                                    + ")")
         + " FORMAT Native";
}

} // namespace sluice::clickhouse
