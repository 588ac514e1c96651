#include "chaos/metric_sums.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace sluice::chaos {

namespace {

std::optional<double> parse_value(std::string_view text) {
  double result = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, result);
  if (failure != std::errc{} || (rest != end && *rest != ' '))
    return std::nullopt;
  return result;
}

} // namespace

void metric_sums::observe(int life, std::string_view exposition) {
  std::map<std::string, double> sums;
  while (!exposition.empty()) {
    const auto size = std::min(exposition.find('\n'), exposition.size());
    const auto line = exposition.substr(0, size);
    exposition.remove_prefix(std::min(size + 1, exposition.size()));
    if (line.empty() || line.front() == '#')
      continue;
    const auto name_end = line.find_first_of("{ ");
    const auto labels_end = line.rfind('}');
    const auto value_begin =
        line.find(' ', labels_end == std::string_view::npos ? 0 : labels_end);
    if (name_end == std::string_view::npos
        || value_begin == std::string_view::npos)
      continue;
    if (const auto value = parse_value(line.substr(value_begin + 1)))
      sums[std::string{line.substr(0, name_end)}] += *value;
  }
  for (const auto& [name, value] : sums)
    observe(life, name, value);
}

void metric_sums::observe(int life, const std::string& name, double value) {
  last_[{name, life}] = value;
  auto& peak = peak_.try_emplace(name, value).first->second;
  peak = std::max(peak, value);
}

double metric_sums::total(const std::string& name) const {
  double result = 0;
  for (auto at = last_.lower_bound({name, 0});
       at != last_.end() && at->first.first == name; ++at)
    result += at->second;
  return result;
}

double metric_sums::peak(const std::string& name) const {
  const auto found = peak_.find(name);
  return found == peak_.end() ? 0 : found->second;
}

bool metric_sums::knows(const std::string& name) const {
  return peak_.contains(name);
}

} // namespace sluice::chaos
