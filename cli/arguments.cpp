#include "cli/arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <unistd.h>

namespace sluice::cli {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest = std::chrono::days{30};
constexpr std::int32_t partitions_max = 1'000;
// Kafka's own limit (Topic.MAX_NAME_LENGTH).
constexpr std::size_t topic_name_max = 249;

/// Splits a whole number off the front; 0 digits give an error.
tl::expected<std::pair<std::int64_t, std::string_view>, std::string>
number_and_rest(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || number < 0)
    return tl::unexpected(std::string{});
  return std::pair{number,
                   text.substr(static_cast<std::size_t>(end - text.data()))};
}

bool is_topic_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

} // namespace

tl::expected<milliseconds, std::string> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, milliseconds>, 6>
      units = {{{"", std::chrono::seconds{1}},
                {"ms", milliseconds{1}},
                {"s", std::chrono::seconds{1}},
                {"m", std::chrono::minutes{1}},
                {"h", std::chrono::hours{1}},
                {"d", std::chrono::days{1}}}};
  const auto parsed = number_and_rest(text);
  if (parsed)
    for (const auto& [name, unit] : units)
      if (parsed->second == name && parsed->first > 0
          && parsed->first <= longest / unit)
        return parsed->first * unit;
  return tl::unexpected("'" + std::string{text}
                        + "' is not a duration: write 500ms, 60s, 5m, 2h or 1d "
                          "(at most 30d)");
}

tl::expected<topic_spec, std::string> parse_topic_spec(std::string_view text) {
  const auto colon = text.rfind(':');
  topic_spec result{std::string{text.substr(0, colon)}, 1};
  if (result.name.empty() || result.name.size() > topic_name_max
      || result.name == "." || result.name == ".."
      || !std::ranges::all_of(result.name, is_topic_character))
    return tl::unexpected("'" + std::string{text}
                          + "' is not NAME:PARTITIONS: a topic's name has "
                            "letters, digits, '.', '_' and '-'");
  if (colon == std::string_view::npos)
    return result;
  const auto parsed = number_and_rest(text.substr(colon + 1));
  if (!parsed || !parsed->second.empty() || parsed->first < 1
      || parsed->first > partitions_max)
    return tl::unexpected("'" + std::string{text}
                          + "' is not NAME:PARTITIONS: PARTITIONS is a number "
                            "from 1 to "
                          + std::to_string(partitions_max));
  result.partitions = static_cast<std::int32_t>(parsed->first);
  return result;
}

std::string process_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0)
    host = {'c', 'l', 'i'};
  return std::string{host.data()} + "-" + std::to_string(getpid());
}

} // namespace sluice::cli
