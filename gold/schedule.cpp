#include "gold/schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace sluice::gold {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

struct nickname {
  std::string_view name;
  std::string_view cron;
};

constexpr std::array<nickname, 7> nicknames = {{{"@hourly", "0 * * * *"},
                                                {"@daily", "0 0 * * *"},
                                                {"@midnight", "0 0 * * *"},
                                                {"@weekly", "0 0 * * mon"},
                                                {"@monthly", "0 0 1 * *"},
                                                {"@yearly", "0 0 1 1 *"},
                                                {"@annually", "0 0 1 1 *"}}};

struct unit {
  std::string_view name;
  seconds length;
};

constexpr std::array<unit, 20> units = {{
    {"s", seconds{1}},
    {"sec", seconds{1}},
    {"second", seconds{1}},
    {"seconds", seconds{1}},
    {"m", std::chrono::minutes{1}},
    {"min", std::chrono::minutes{1}},
    {"minute", std::chrono::minutes{1}},
    {"minutes", std::chrono::minutes{1}},
    {"h", std::chrono::hours{1}},
    {"hour", std::chrono::hours{1}},
    {"hours", std::chrono::hours{1}},
    {"d", std::chrono::days{1}},
    {"day", std::chrono::days{1}},
    {"days", std::chrono::days{1}},
    {"w", std::chrono::weeks{1}},
    {"week", std::chrono::weeks{1}},
    {"weeks", std::chrono::weeks{1}},
    {"mins", std::chrono::minutes{1}},
    {"hr", std::chrono::hours{1}},
    {"hrs", std::chrono::hours{1}},
}};

// Beyond this an interval is a typing mistake, and arithmetic stays far from
// the ends of the calendar.
constexpr seconds interval_max = std::chrono::days{3660};

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// "6h", "10 minutes", "day".
std::optional<seconds> parse_length(std::string_view text) {
  std::int64_t count = 1;
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos)
    return std::nullopt;
  if (digits > 0) {
    const auto [rest, failure] =
        std::from_chars(text.data(), text.data() + digits, count);
    if (failure != std::errc{})
      return std::nullopt;
  }
  const auto name = trim(text.substr(digits));
  const auto* found =
      std::find_if(units.begin(), units.end(),
                   [&](const unit& u) { return u.name == name; });
  if (found == units.end() || count < 1
      || count > interval_max.count() / found->length.count())
    return std::nullopt;
  return found->length * count;
}

/// Multiples of `every` since 1970.
sys_seconds last_multiple(sys_seconds until, seconds every) {
  const auto rest = until.time_since_epoch() % every;
  return until - (rest < seconds{0} ? rest + every : rest);
}

/// "0 */6 * * *" for six hours; empty for what the clocks do not show at the
/// same times every day.
std::string daily_times(seconds every) {
  constexpr std::chrono::hours hour{1};
  if (every % hour != seconds{0} || std::chrono::days{1} % every != seconds{0})
    return {};
  return "0 */" + std::to_string(every / hour) + " * * *";
}

} // namespace

schedule::schedule(std::string text, rule what, time_zone zone)
    : text_(std::move(text)), rule_(what), zone_(std::move(zone)) {}

tl::expected<schedule, std::string> schedule::parse(std::string_view text,
                                                    const time_zone& zone) {
  const auto trimmed = trim(text);
  constexpr std::string_view every = "every";
  if (trimmed.starts_with('@')) {
    for (const auto& known : nicknames)
      if (known.name == trimmed)
        return schedule{std::string(trimmed), *parse_cron(known.cron), zone};
    return tl::unexpected("'" + std::string(trimmed)
                          + "' is no schedule: use @hourly, @daily, @weekly, "
                            "@monthly or @yearly");
  }
  if (trimmed.starts_with(every)) {
    const auto length = parse_length(trim(trimmed.substr(every.size())));
    if (!length)
      return tl::unexpected("'" + std::string(trimmed)
                            + "' is no interval: write 'every 6h' or 'every "
                              "10 minutes' (s, m, h, d, w; up to ten years)");
    if (const auto times = daily_times(*length); !times.empty())
      return schedule{std::string(trimmed), *parse_cron(times), zone};
    return schedule{std::string(trimmed), interval_rule{*length}, zone};
  }
  auto cron = parse_cron(trimmed);
  if (!cron)
    return tl::unexpected(std::move(cron.error())
                          + (trimmed.find(' ') == std::string_view::npos
                                 ? "; or use @daily, 'every 6h'"
                                 : ""));
  return schedule{std::string(trimmed), *cron, zone};
}

std::optional<sys_seconds> schedule::next_after(sys_seconds when) const {
  if (const auto* interval = std::get_if<interval_rule>(&rule_))
    return last_multiple(when, interval->every) + interval->every;
  const auto next =
      gold::next_after(std::get<cron_rule>(rule_), zone_.latest_shown(when));
  return next ? std::optional{zone_.first_instant(*next)} : std::nullopt;
}

std::optional<sys_seconds> schedule::last_until(sys_seconds when) const {
  if (const auto* interval = std::get_if<interval_rule>(&rule_))
    return last_multiple(when, interval->every);
  const auto last =
      gold::last_until(std::get<cron_rule>(rule_), zone_.latest_shown(when));
  return last ? std::optional{zone_.first_instant(*last)} : std::nullopt;
}

std::vector<window> schedule::windows_at(sys_seconds firing,
                                         const window_rule& of) const {
  const auto newest = of.last_ended(firing);
  const auto before = last_until(firing - seconds{1});
  if (!before)
    return {newest};
  auto ended_since = of.ended(*before, firing);
  return ended_since.empty() ? std::vector{newest} : ended_since;
}

} // namespace sluice::gold
