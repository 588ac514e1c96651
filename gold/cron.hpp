// The five fields of crontab(5), by the clock of whatever place.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sluice::gold {

/// As in Vixie cron, when both day fields are restricted (neither begins with
/// "*"), a day matches if either does; otherwise both have to.
struct cron_rule {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days_of_month; // 1..31
  std::bitset<13> months;        // 1..12
  std::bitset<7> weekdays;       // 0 = Sunday
  bool any_day_of_month = false;
  bool any_weekday = false;
};

/// Parses "minute hour day-of-month month weekday" with lists, ranges, steps
/// and English names (7 is Sunday too). A rule that never fires ("0 0 30 2 *")
/// is refused. The error is one line that names the field.
[[nodiscard]] tl::expected<cron_rule, std::string>
parse_cron(std::string_view text);

/// The first minute after `when` at which the rule fires; looks nine years
/// ahead, which reaches every 29 February.
[[nodiscard]] std::optional<std::chrono::local_seconds>
next_after(const cron_rule& rule, std::chrono::local_seconds when);

/// The last minute at or before `when` at which the rule fires; looks nine
/// years back.
[[nodiscard]] std::optional<std::chrono::local_seconds>
last_until(const cron_rule& rule, std::chrono::local_seconds when);

} // namespace sluice::gold
