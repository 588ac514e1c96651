#include "cli/gold_choice.hpp"

#include <algorithm>

#include "gold/window_rule.hpp"
#include "topology/nearest.hpp"

namespace sluice::cli {

tl::expected<topology::gold, std::string>
find_gold(const topology::topology& what, const std::string& name) {
  const auto found = std::ranges::find(what.golds, name, &topology::gold::name);
  if (found != what.golds.end())
    return *found;
  if (what.golds.empty())
    return tl::unexpected("pipeline " + what.pipeline + " has no gold tables");
  std::vector<std::string_view> names;
  for (const auto& gold : what.golds)
    names.emplace_back(gold.name);
  return tl::unexpected("no gold table '" + name + "'"
                        + topology::advice(name, names));
}

tl::expected<std::vector<gold::window>, std::string>
windows_of(const topology::gold& gold, const std::string& from,
           const std::string& to) {
  const auto rule = gold::window_rule::make(gold);
  if (!rule)
    return tl::unexpected(rule.error());
  const auto begin = gold::parse_time(from, rule->zone());
  if (!begin)
    return tl::unexpected("--from: " + begin.error());
  if (to.empty())
    return rule->containing(*begin);
  const auto end = gold::parse_time(to, rule->zone());
  if (!end)
    return tl::unexpected("--to: " + end.error());
  if (*end <= *begin)
    return tl::unexpected(std::string{
        "--to must be later than --from: it is the first moment that is no "
        "longer run (one day is --from 2026-02-20 --to 2026-02-21)"});
  auto windows = rule->touching(*begin, *end);
  // Too many are the newest of them.
  if (windows.front() != rule->containing(*begin).front())
    return tl::unexpected("more than " + std::to_string(gold::windows_max)
                          + " windows at once: run them in several calls");
  return windows;
}

} // namespace sluice::cli
