#include "gold/partition.hpp"

#include <array>
#include <cstdio>

#include "topology/sql_quoting.hpp"

namespace sluice::gold {

namespace {

bool is_monthly(const topology::gold& g) {
  return g.partition == topology::gold_partition::month;
}

} // namespace

std::string partition_of(const topology::gold& g,
                         std::string_view window_start) {
  std::string start{window_start};
  if (!is_monthly(g))
    return start;
  return "toYYYYMM(" + start + ", " + topology::quote_literal(g.timezone) + ")";
}

std::string partition_id(const topology::gold& g, const time_zone& zone,
                         const window& what) {
  if (!is_monthly(g))
    return std::to_string(what.start.time_since_epoch().count());
  const std::chrono::year_month_day date{
      std::chrono::floor<std::chrono::days>(zone.to_local(what.start))};
  std::array<char, 16> buffer{};
  const auto size = std::snprintf(buffer.data(), buffer.size(), "%04d%02u",
                                  static_cast<int>(date.year()),
                                  static_cast<unsigned>(date.month()));
  return {buffer.data(), static_cast<std::size_t>(size)};
}

} // namespace sluice::gold
