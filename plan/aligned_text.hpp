// Text in columns, for people.
#pragma once

#include <string>
#include <vector>

namespace sluice::plan {

/// Rows whose cells are padded to the same width, but for the last of each.
class aligned_text {
public:
  explicit aligned_text(std::string indent) : indent_{std::move(indent)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// One line a row, two spaces between columns; widths in characters (UTF-8).
  [[nodiscard]] std::string text() const;

private:
  std::string indent_;
  std::vector<std::vector<std::string>> rows_;
};

} // namespace sluice::plan
