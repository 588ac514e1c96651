#include "status/process_start.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>

namespace sluice::status {

std::optional<std::uint64_t> parse_process_start(std::string_view stat) {
  // The name ends at the last parenthesis; field 3 follows it.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos)
    return std::nullopt;
  auto rest = stat.substr(name_end + 1);
  constexpr int first_field = 3;
  constexpr int start_field = 22;
  for (int field = first_field; field <= start_field; ++field) {
    const auto begin = rest.find_first_not_of(" \n");
    if (begin == std::string_view::npos)
      return std::nullopt;
    const auto end = std::min(rest.find_first_of(" \n", begin), rest.size());
    const auto text = rest.substr(begin, end - begin);
    rest = rest.substr(end);
    if (field < start_field)
      continue;
    std::uint64_t ticks = 0;
    const auto* last = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), last, ticks);
    if (failure == std::errc{} && stop == last)
      return ticks;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> process_start(std::int64_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  if (!file)
    return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  return parse_process_start(text);
}

} // namespace sluice::status
