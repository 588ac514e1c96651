#include "silver/questions.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "topology/sql_quoting.hpp"

namespace sluice::silver {

namespace {

using range = std::pair<std::int64_t, std::int64_t>;

/// FROM ... WHERE for the rows of one partition in one epoch.
std::string from_where(std::string_view database, std::string_view table,
                       std::int32_t partition, std::uint16_t epoch,
                       const std::string& offsets) {
  return " FROM " + topology::quote_identifier(database) + '.'
         + topology::quote_identifier(table)
         + " WHERE `_partition` = " + std::to_string(partition) + " AND "
         + offsets + " AND `_epoch` = " + std::to_string(epoch);
}

std::string at_least(std::int64_t offset) {
  return "`_offset` >= " + std::to_string(offset);
}

std::string within(const range& offsets) {
  return at_least(offsets.first) + " AND `_offset` < "
         + std::to_string(offsets.second);
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t result = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, result);
  if (failure != std::errc{} || rest != end || result < 0)
    return std::nullopt;
  return result;
}

/// `text` for a message: not more of it than a line has place for.
std::string shown(std::string_view text) {
  constexpr std::size_t characters_max = 40;
  auto result = std::string{text.substr(0, text.find('\n'))};
  if (result.size() > characters_max)
    result.replace(characters_max, std::string::npos, "...");
  return "'" + result + "'";
}

// -- conditions --------------------------------------------------------------

/// Sorted, not empty, none touching another; no offset is negative.
std::vector<range> joined(std::span<const range> ranges) {
  std::vector<range> sorted{ranges.begin(), ranges.end()};
  for (auto& each : sorted)
    each.first = std::max<std::int64_t>(each.first, 0);
  std::erase_if(sorted, [](const range& r) { return r.first >= r.second; });
  std::ranges::sort(sorted);
  std::vector<range> result;
  for (const auto& each : sorted)
    if (!result.empty() && each.first <= result.back().second)
      result.back().second = std::max(result.back().second, each.second);
    else
      result.push_back(each);
  return result;
}

/// A bitmap of so many offsets takes about as much text as one condition.
constexpr std::int64_t worth_a_condition = 256;

/// How many of the ranges, from the first on, belong into one bitmap: short
/// ones with short gaps.
std::size_t close_together(std::span<const range> ranges) {
  const auto is_short = [](const range& r) {
    return r.second - r.first < worth_a_condition;
  };
  if (!is_short(ranges.front()))
    return 1;
  std::size_t result = 1;
  while (result < ranges.size() && is_short(ranges[result])
         && ranges[result].first - ranges[result - 1].second
                < worth_a_condition)
    ++result;
  return result;
}

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    result += digits[byte >> 4U];
    result += digits[byte & 15U];
  }
  return result;
}

/// Offset first + n is bit n % 8 of byte n / 8. Rows outside of the bitmap are
/// kept from it by the condition before, but may be computed all the same: the
/// functions take any place without an error, and every build of ClickHouse has
/// them (some have no base64Decode).
std::string in_bitmap(std::span<const range> ranges) {
  const auto first = ranges.front().first;
  const auto end = ranges.back().second;
  std::vector<std::uint8_t> bits(
      static_cast<std::size_t>((end - first + 7) / 8));
  for (const auto& [lo, hi] : ranges)
    for (auto bit = static_cast<std::size_t>(lo - first);
         bit < static_cast<std::size_t>(hi - first); ++bit)
      bits[bit / 8] |= static_cast<std::uint8_t>(1U << bit % 8);
  const auto place = "(`_offset` - " + std::to_string(first) + ")";
  return within({first, end})
         + " AND bitTest(reinterpretAsUInt8(substring(unhex('"
         + hexadecimal(bits) + "'), bitShiftRight(" + place
         + ", 3) + 1, 1)), bitAnd(" + place + ", 7))";
}

} // namespace

std::string rows_in_range_sql(std::string_view database, std::string_view table,
                              std::int32_t partition, std::int64_t lo,
                              std::int64_t hi, std::uint16_t epoch) {
  return "SELECT DISTINCT `_offset`"
         + from_where(database, table, partition, epoch, within({lo, hi}))
         + " ORDER BY `_offset` SETTINGS final = 0";
}

tl::expected<std::vector<std::int64_t>, std::string>
parse_rows_in_range(std::string_view tab_separated) {
  std::vector<std::int64_t> result;
  while (!tab_separated.empty()) {
    const auto end = tab_separated.find('\n');
    if (end == std::string_view::npos)
      return tl::unexpected("ClickHouse's answer about rows of silver ends "
                            "within a line: "
                            + shown(tab_separated));
    const auto offset = number(tab_separated.substr(0, end));
    if (!offset)
      return tl::unexpected("ClickHouse's answer about rows of silver has a "
                            "line that is no offset: "
                            + shown(tab_separated));
    result.push_back(*offset);
    tab_separated.remove_prefix(end + 1);
  }
  return result;
}

std::string newest_offset_sql(std::string_view database, std::string_view table,
                              std::int32_t partition, std::uint16_t epoch,
                              std::int64_t from) {
  return "SELECT count(), max(`_offset`)"
         + from_where(database, table, partition, epoch, at_least(from))
         + " SETTINGS final = 0, empty_result_for_aggregation_by_empty_set = 0";
}

tl::expected<std::optional<std::int64_t>, std::string>
parse_newest_offset(std::string_view tab_separated) {
  const auto tab = tab_separated.find('\t');
  if (tab != std::string_view::npos && tab_separated.ends_with('\n')) {
    const auto count = number(tab_separated.substr(0, tab));
    const auto offset =
        number(tab_separated.substr(tab + 1, tab_separated.size() - tab - 2));
    if (count && offset)
      return *count == 0 ? std::nullopt : std::optional{*offset};
  }
  return tl::unexpected("ClickHouse's answer about the newest row of silver is "
                        "not a count and an offset: "
                        + shown(tab_separated));
}

std::string offsets_condition(std::span<const range> ranges) {
  const auto all = joined(ranges);
  std::string result;
  for (auto rest = std::span{all}; !rest.empty();) {
    // Two or three conditions are easier to read in a log than a bitmap.
    constexpr std::size_t worth_a_bitmap = 4;
    auto count = close_together(rest);
    const auto is_bitmap = count >= worth_a_bitmap;
    if (!is_bitmap)
      count = 1;
    result += result.empty() ? "(" : " OR ";
    result +=
        "(" + (is_bitmap ? in_bitmap(rest.first(count)) : within(rest.front()))
        + ")";
    rest = rest.subspan(count);
  }
  return result.empty() ? "0" : result + ")";
}

} // namespace sluice::silver
