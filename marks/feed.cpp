#include "marks/feed.hpp"

namespace sluice::marks {

tl::expected<std::vector<feed>, std::string>
feeds_of(const std::vector<topology::gold>& golds, const std::string& table) {
  std::vector<feed> result;
  for (const auto& gold : golds) {
    const auto rule = gold::window_rule::make(gold);
    if (!rule)
      return tl::unexpected("gold " + gold.name + ": " + rule.error());
    if (gold.window.over_table == table)
      result.push_back({gold, *rule, std::nullopt});
    for (const auto& join : gold.joins)
      if (join.table == table)
        result.push_back({gold, *rule, join});
  }
  return result;
}

} // namespace sluice::marks
