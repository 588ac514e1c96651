#include "topology/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sluice::topology {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t number_max = std::uint64_t{1} << 62U;
constexpr std::uint64_t duration_ms_max = 100ULL * 366 * 86'400'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lowered(std::string_view text) {
  std::string out{text};
  for (auto& c : out) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

struct quantity {
  std::uint64_t number = 0;
  std::string_view unit;
};

std::optional<quantity> split(std::string_view text) {
  quantity result;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, result.number);
  if (failure != std::errc{} || result.number > number_max)
    return std::nullopt;
  result.unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  while (!result.unit.empty() && result.unit.front() == ' ')
    result.unit.remove_prefix(1);
  return result;
}

std::optional<std::uint64_t> product(std::uint64_t number, std::uint64_t factor,
                                     std::uint64_t limit) {
  if (number > limit / factor)
    return std::nullopt;
  return number * factor;
}

struct unit_names {
  std::uint64_t factor;
  std::array<std::string_view, 5> names;
};

constexpr std::array<unit_names, 6> duration_units{{
    {1, {"ms", "milliseconds", "millisecond"}},
    {1'000, {"s", "sec", "second", "seconds"}},
    {60'000, {"m", "min", "mins", "minute", "minutes"}},
    {3'600'000, {"h", "hr", "hrs", "hour", "hours"}},
    {86'400'000, {"d", "day", "days"}},
    {604'800'000, {"w", "week", "weeks"}},
}};

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 8> byte_units{{
    {"", 1},
    {"b", 1},
    {"kb", 1'000},
    {"mb", 1'000'000},
    {"gb", 1'000'000'000},
    {"kib", 1ULL << 10U},
    {"mib", 1ULL << 20U},
    {"gib", 1ULL << 30U},
}};

/// `count` digits at `at`, as a number.
std::optional<int> digits(std::string_view text, std::size_t at,
                          std::size_t count) {
  if (at + count > text.size())
    return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!is_digit(c))
      return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// "Z", "+hh:mm" or "-hh:mm".
std::optional<std::chrono::minutes> parse_zone(std::string_view text) {
  if (text == "Z" || text == "z")
    return std::chrono::minutes{0};
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
    return std::nullopt;
  const auto hours = digits(text, 1, 2);
  const auto minutes = digits(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59)
    return std::nullopt;
  const std::chrono::minutes offset{*hours * 60 + *minutes};
  return text[0] == '-' ? -offset : offset;
}

/// What follows the date in RFC 3339, as time since midnight UTC.
std::optional<std::chrono::seconds> parse_time(std::string_view text) {
  if (text.size() < 10 || (text[0] != 'T' && text[0] != 't' && text[0] != ' ')
      || text[3] != ':' || text[6] != ':')
    return std::nullopt;
  const auto hours = digits(text, 1, 2);
  const auto minutes = digits(text, 4, 2);
  const auto seconds = digits(text, 7, 2);
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59
      || *seconds > 59)
    return std::nullopt;
  const auto zone = parse_zone(text.substr(9));
  if (!zone)
    return std::nullopt;
  return std::chrono::hours{*hours} + std::chrono::minutes{*minutes}
         + std::chrono::seconds{*seconds} - *zone;
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  const auto parts = split(text);
  if (!parts)
    return std::nullopt;
  if (parts->unit.empty())
    return parts->number == 0 ? std::optional{milliseconds{0}} : std::nullopt;
  for (const auto& known : duration_units) {
    if (std::find(known.names.begin(), known.names.end(), parts->unit)
        == known.names.end())
      continue;
    const auto ms = product(parts->number, known.factor, duration_ms_max);
    return ms ? std::optional{milliseconds{*ms}} : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto parts = split(text);
  if (!parts)
    return std::nullopt;
  const auto unit = lowered(parts->unit);
  for (const auto& [name, factor] : byte_units) {
    if (name == unit)
      return product(parts->number, factor, number_max);
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative)
    text.remove_prefix(1);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool between_digits = i > 0 && i + 1 < text.size()
                                && is_digit(text[i - 1])
                                && is_digit(text[i + 1]);
    if (is_digit(text[i]))
      plain += text[i];
    else if (text[i] != '_' || !between_digits)
      return std::nullopt;
  }
  const auto parts = split(plain);
  if (!parts)
    return std::nullopt;
  const auto number = static_cast<std::int64_t>(parts->number);
  return negative ? -number : number;
}

std::optional<double> parse_number(std::string_view text) {
  // What from_chars takes besides: signs, words such as "inf", ".5" and "5.".
  const auto plain = std::all_of(
      text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
  if (!plain || text.empty() || !is_digit(text.front())
      || !is_digit(text.back()))
    return std::nullopt;
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] =
      std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (failure != std::errc{} || rest != end)
    return std::nullopt;
  return number;
}

std::string number_to_text(double number) {
  // Room for any double in fixed notation.
  std::array<char, 1200> digits{};
  const auto [end, failure] =
      std::to_chars(digits.data(), digits.data() + digits.size(), number,
                    std::chars_format::fixed);
  return failure == std::errc{} ? std::string{digits.data(), end}
                                : std::string{};
}

std::optional<std::chrono::sys_seconds> parse_instant(std::string_view text) {
  using namespace std::chrono;
  const auto y = digits(text, 0, 4);
  const auto m = digits(text, 5, 2);
  const auto d = digits(text, 8, 2);
  if (!y || !m || !d || text[4] != '-' || text[7] != '-' || *y < 1970
      || *y > 2105)
    return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)},
                            day{static_cast<unsigned>(*d)}};
  if (!date.ok())
    return std::nullopt;
  const sys_seconds midnight = sys_days{date};
  if (text.size() == 10)
    return midnight;
  const auto time = parse_time(text.substr(10));
  if (!time)
    return std::nullopt;
  return midnight + *time;
}

std::string to_text(milliseconds duration) {
  const auto count = duration.count();
  if (count != 0 && count % 86'400'000 == 0) {
    const auto days = count / 86'400'000;
    return std::to_string(days) + (days == 1 ? " day" : " days");
  }
  if (count != 0 && count % 3'600'000 == 0)
    return std::to_string(count / 3'600'000) + "h";
  if (count != 0 && count % 60'000 == 0) {
    const auto minutes = count / 60'000;
    return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
  }
  if (count % 1'000 == 0)
    return std::to_string(count / 1'000) + "s";
  return std::to_string(count) + "ms";
}

std::string bytes_to_text(std::uint64_t bytes) {
  constexpr std::array<std::pair<std::string_view, std::uint64_t>, 3> units{{
      {"GiB", 1ULL << 30U},
      {"MiB", 1ULL << 20U},
      {"KiB", 1ULL << 10U},
  }};
  for (const auto& [name, factor] : units) {
    if (bytes >= factor && bytes % factor == 0)
      return std::to_string(bytes / factor) + std::string{name};
  }
  return std::to_string(bytes);
}

} // namespace sluice::topology
