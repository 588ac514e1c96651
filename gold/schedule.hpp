// When a gold table is due: the triggers of the topology file, evaluated in
// UTC. Plain arithmetic, no clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "gold/cron.hpp"
#include "gold/window.hpp"

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
  [[nodiscard]] static tl::expected<schedule, std::string>
  parse(std::string_view text);

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
  [[nodiscard]] std::vector<window>
  windows_at(std::chrono::sys_seconds firing, std::chrono::seconds every) const;

  /// As written.
  [[nodiscard]] const std::string& text() const { return text_; }

private:
  using rule = std::variant<interval_rule, cron_rule>;
  schedule(std::string text, rule what);

  std::string text_;
  rule rule_;
};

} // namespace sluice::gold
