// When a gold table is due: the triggers of the topology file, by the clocks of
// its time zone. Plain arithmetic, no clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "gold/cron.hpp"
#include "gold/time_zone.hpp"
#include "gold/window.hpp"
#include "gold/window_rule.hpp"

namespace sluice::gold {

/// Fires at multiples of `every` since 1970-01-01 00:00:00 UTC.
struct interval_rule {
  std::chrono::seconds every;
};

class schedule {
public:
  /// Understands "@hourly", "@daily" ("@midnight"), "@weekly" (Monday 00:00),
  /// "@monthly", "@yearly" ("@annually"), "every 6h" / "every 10 minutes" /
  /// "every day" (units s, m, h, d, w and their names; at least one second),
  /// and five cron fields with lists, ranges, steps and English names (7 is
  /// Sunday too). A schedule that never fires ("0 0 30 2 *") is refused. The
  /// error is one line that names the part that is wrong.
  ///
  /// Names and fields are local times of `zone`: one that its clocks leap over
  /// fires when they have leapt, one that they show twice the first time only.
  /// So are intervals of whole hours that divide a day: "every 6h" fires at
  /// 00:00, 06:00, 12:00 and 18:00, "every day" at 00:00. Any other fires at
  /// its multiples since 1970-01-01 00:00 UTC.
  [[nodiscard]] static tl::expected<schedule, std::string>
  parse(std::string_view text, const time_zone& zone);

  /// The first firing after `when` (not at it); std::nullopt only past the end
  /// of what the calendar can express.
  [[nodiscard]] std::optional<std::chrono::sys_seconds>
  next_after(std::chrono::sys_seconds when) const;

  /// The last firing at or before `when`.
  [[nodiscard]] std::optional<std::chrono::sys_seconds>
  last_until(std::chrono::sys_seconds when) const;

  /// The windows that the firing at `firing` stands for, oldest first: those
  /// that have ended since the firing before it (24 of one hour for "@daily"),
  /// or, when none has ended since, the one that ended last, once more.
  /// Lateness does not move a schedule: the user chose the hour.
  [[nodiscard]] std::vector<window> windows_at(std::chrono::sys_seconds firing,
                                               const window_rule& of) const;

  /// As written.
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  using rule = std::variant<interval_rule, cron_rule>;
  schedule(std::string text, rule what, time_zone zone);

  std::string text_;
  rule rule_;
  time_zone zone_;
};

} // namespace sluice::gold
