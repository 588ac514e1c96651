// The syntax of `trigger:`; when a schedule fires is the gold module's affair.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::topology {

/// What is wrong with a schedule, to be put after the text itself ("is not
/// ..."), or std::nullopt when it is one of
///   @hourly, @daily, @weekly, @monthly, @yearly (and @midnight, @annually)
///   every N unit         whole seconds up to ten years; "every day" too
///   M H DOM MON DOW      five cron fields: *, a, a-b, a,b and /step; months
///   and
///                        days of the week also by their English names; Sunday
///                        is 0 or 7 (POSIX crontab, and steps as Vixie cron)
/// A cron schedule that names only days that no year has is wrong as well.
[[nodiscard]] std::optional<std::string>
schedule_mistake(std::string_view text);

} // namespace sluice::topology
