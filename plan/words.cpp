#include "plan/words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "gold/schedule.hpp"
#include "gold/time_zone.hpp"
#include "gold/window.hpp"
#include "gold/window_rule.hpp"
#include "topology/keys.hpp"

namespace sluice::plan {

namespace {

/// `count` of the largest unit that divides it; the last unit divides all.
template <std::size_t Size>
std::string exactly(
    std::uint64_t count,
    const std::array<std::pair<std::uint64_t, std::string_view>, Size>& units,
    bool plural) {
  for (const auto& [size, name] : units) {
    if ((count == 0 && size != 1) || count % size != 0)
      continue;
    const auto many = count / size;
    auto text = std::to_string(many) + ' ' + std::string{name};
    return plural && many != 1 && name != "ms" ? text + 's' : text;
  }
  return std::to_string(count);
}

} // namespace

std::string_view name_of(topology::record_format format) {
  switch (format) {
  case topology::record_format::debezium_mongodb:
    return "debezium-mongodb";
  case topology::record_format::debezium_json:
    break;
  }
  return "debezium-json";
}

std::string_view name_of(topology::table_mode mode) {
  switch (mode) {
  case topology::table_mode::append:
    return "append";
  case topology::table_mode::latest:
    break;
  }
  return "latest";
}

std::string_view name_of(topology::time_unit unit) {
  switch (unit) {
  case topology::time_unit::s:
    return "s";
  case topology::time_unit::ms:
    return "ms";
  case topology::time_unit::us:
    return "us";
  case topology::time_unit::ns:
    return "ns";
  case topology::time_unit::days:
    return "days";
  case topology::time_unit::automatic:
    break;
  }
  return "";
}

std::string_view name_of(topology::on_join policy) {
  return policy == topology::on_join::rerun ? "rerun" : "next_run";
}

std::string_view name_of(topology::on_invalid policy) {
  switch (policy) {
  case topology::on_invalid::null:
    return "null";
  case topology::on_invalid::clamp:
    return "clamp";
  case topology::on_invalid::reject:
    break;
  }
  return "reject";
}

std::vector<std::pair<std::string_view, std::string_view>>
words_of(const topology::recovery& policies) {
  using topology::word_list;
  namespace lists = topology::word_lists;
  std::vector<std::pair<std::string_view, std::string_view>> result;
  const auto add = [&result](const word_list& list, auto policy) {
    result.emplace_back(list.path.substr(list.path.find('.') + 1),
                        list.words[static_cast<std::size_t>(policy)]);
  };
  add(lists::silver_ahead, policies.silver_ahead);
  add(lists::records_lost, policies.records_lost);
  add(lists::topic_replaced, policies.topic_replaced);
  add(lists::partitions_added, policies.partitions_added);
  return result;
}

std::string start_text(const topology::table_start& start) {
  switch (start.from) {
  case topology::table_start::kind::latest:
    return "latest";
  case topology::table_start::kind::offset:
    return "offset " + std::to_string(start.offset);
  case topology::table_start::kind::timestamp:
    return moment_text(start.time);
  case topology::table_start::kind::earliest:
    break;
  }
  return "earliest";
}

std::string duration_text(std::chrono::milliseconds duration) {
  static constexpr std::array<std::pair<std::uint64_t, std::string_view>, 5>
      units = {{{86'400'000, "day"},
                {3'600'000, "hour"},
                {60'000, "minute"},
                {1'000, "second"},
                {1, "ms"}}};
  const auto count = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, static_cast<std::int64_t>(duration.count())));
  return exactly(count, units, true);
}

std::string bytes_text(std::size_t bytes) {
  static constexpr std::array<std::pair<std::uint64_t, std::string_view>, 4>
      units = {{{std::uint64_t{1} << 30U, "GiB"},
                {std::uint64_t{1} << 20U, "MiB"},
                {std::uint64_t{1} << 10U, "KiB"},
                {1, "bytes"}}};
  return exactly(bytes, units, false);
}

std::string moment_text(std::chrono::sys_seconds when) {
  return gold::format_utc(when) + " UTC";
}

std::string without_credentials(std::string_view url) {
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto end = url.find_first_of("/?#", host);
  const auto at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < host)
    return std::string{url};
  return std::string{url.substr(0, host)} + std::string{url.substr(at + 1)};
}

std::string joined(const std::vector<std::string>& items) {
  std::string result;
  for (const auto& item : items)
    result += (result.empty() ? "" : ", ") + item;
  return result;
}

std::vector<std::string> topics_of(const topology::topology& what) {
  std::vector<std::string> result;
  for (const auto& table : what.tables)
    if (std::ranges::find(result, table.topic) == result.end())
      result.push_back(table.topic);
  return result;
}

std::string window_text(const topology::gold& of) {
  const auto& window = of.window;
  const auto in_zone = of.timezone == "UTC" ? "" : " in " + of.timezone;
  switch (window.unit) {
  case topology::window_unit::day:
    return "1 day" + in_zone;
  case topology::window_unit::week:
    return "1 week" + in_zone;
  case topology::window_unit::month:
    return "1 month" + in_zone;
  case topology::window_unit::fixed:
    break;
  }
  auto result = duration_text(window.every);
  if (window.every % std::chrono::days{1} == std::chrono::seconds{0})
    result += " of 24 hours";
  if (window.hop != std::chrono::seconds{0})
    result += " every " + duration_text(window.hop);
  return result;
}

std::optional<std::chrono::sys_seconds> start_of(const topology::gold& of) {
  const auto rule = gold::window_rule::make(of);
  return rule ? rule->start() : of.window.start;
}

std::optional<std::chrono::sys_seconds>
next_firing(const topology::gold& of, const std::string& trigger,
            std::chrono::sys_seconds now) {
  const auto zone = gold::time_zone::find(of.timezone);
  if (!zone)
    return std::nullopt;
  const auto schedule = gold::schedule::parse(trigger, *zone);
  return schedule ? schedule->next_after(now) : std::nullopt;
}

} // namespace sluice::plan
