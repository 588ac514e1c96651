#include "plan/aligned_text.hpp"

#include <algorithm>

#include "topology/utf8.hpp"

namespace sluice::plan {

namespace {

std::string line(const std::vector<std::string>& row,
                 const std::vector<std::size_t>& widths) {
  std::string result;
  for (std::size_t index = 0; index < row.size(); ++index) {
    result += row[index];
    const auto width = topology::count_characters(row[index]);
    if (index + 1 < row.size())
      result += std::string(widths[index] + 2 - width, ' ');
  }
  result.erase(result.find_last_not_of(' ') + 1);
  return result;
}

} // namespace

std::string aligned_text::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t index = 0; index + 1 < row.size(); ++index)
      widths[index] =
          std::max(widths[index], topology::count_characters(row[index]));
  }
  std::string result;
  for (const auto& row : rows_)
    result += indent_ + line(row, widths) + '\n';
  return result;
}

} // namespace sluice::plan
