#include "chaos/gold_values.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace sluice::chaos {

namespace {

// 2026-02-18: every window of the load is over.
constexpr std::int64_t end_of_times = 20'502 * std::int64_t{86'400};
constexpr std::int64_t windows = 12;
// Before that, event times are outside of all windows by default.
constexpr std::int64_t span_max = 365 * std::int64_t{40} * 86'400;
constexpr std::uint64_t numbers_max = 10'000;

/// The texts in single quotes of a piece of SQL, without those with escapes.
std::vector<std::string> texts_of(const std::string& sql) {
  std::vector<std::string> result;
  for (auto begin = sql.find('\''); begin != std::string::npos;) {
    const auto end = sql.find('\'', begin + 1);
    if (end == std::string::npos)
      break;
    auto text = sql.substr(begin + 1, end - begin - 1);
    if (!text.empty() && text.find('\\') == std::string::npos)
      result.push_back(std::move(text));
    begin = sql.find('\'', end + 1);
  }
  return result;
}

void widen(gold_values& into, const topology::gold_window& window) {
  const auto length = window.every.count();
  const auto step = window.hop.count() == 0 ? length : window.hop.count();
  const auto span = std::min(std::max(windows * step, 2 * length), span_max);
  into.span = std::max(into.span, span);
  into.begin = end_of_times - into.span;
}

bool is_joined(const topology::gold& gold, const topology::table& table,
               const topology::column& column) {
  return std::ranges::any_of(gold.joins, [&](const auto& join) {
    return (join.table == table.name && join.column == column.name)
           || (gold.window.over_table == table.name
               && join.over_column == column.name);
  });
}

} // namespace

std::optional<gold_values> values_for(const topology::topology& what,
                                      const topology::table& table,
                                      const topology::column& column,
                                      std::uint64_t keys) {
  if (std::ranges::find(table.key, column.name) != table.key.end())
    return std::nullopt;
  std::optional<gold_values> result;
  for (const auto& gold : what.golds) {
    const auto drives = gold.window.over_table == table.name;
    const auto joins =
        std::ranges::find(gold.joins, table.name, &topology::gold_join::table)
        != gold.joins.end();
    if (!drives && !joins)
      continue;
    if (!result)
      result = gold_values{0, 0, numbers_max, {}};
    if (is_joined(gold, table, column))
      result->numbers = std::min(result->numbers, keys);
    else
      std::ranges::move(texts_of(gold.sql), std::back_inserter(result->words));
    if (drives && gold.window.over_column == column.name)
      widen(*result, gold.window);
  }
  return result;
}

} // namespace sluice::chaos
