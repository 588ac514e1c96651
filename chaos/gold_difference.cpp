#include "chaos/gold_difference.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

namespace sluice::chaos {

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    result.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  // ClickHouse has sorted by values, not by bytes.
  std::ranges::sort(result);
  return result;
}

/// "3 rows WORDS, such as [...]"; nothing for no rows.
std::string told(const std::vector<std::string_view>& rows,
                 const std::string& words) {
  if (rows.empty())
    return {};
  std::string row{rows.front()};
  std::ranges::replace(row, '\t', ' ');
  return std::to_string(rows.size()) + " rows " + words + ", such as [" + row
         + "]";
}

} // namespace

void compare_window(const gold::window& what, const std::string& shown,
                    const std::string& yielded, gold_difference& into) {
  const auto actual = lines_of(shown);
  const auto expected = lines_of(yielded);
  ++into.windows;
  into.rows += expected.size();
  if (actual == expected)
    return;
  if (into.different++ != 0)
    return;
  std::vector<std::string_view> missing;
  std::ranges::set_difference(expected, actual, std::back_inserter(missing));
  std::vector<std::string_view> foreign;
  std::ranges::set_difference(actual, expected, std::back_inserter(foreign));
  const auto lacks = told(missing, "missing");
  const auto has = told(foreign, "that its SQL does not yield");
  into.example = "window " + to_string(what) + ": " + lacks
                 + (lacks.empty() || has.empty() ? "" : "; ") + has;
}

} // namespace sluice::chaos
