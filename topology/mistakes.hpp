// Collects what is wrong with a topology file, so that all of it is said at
// once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "topology/read.hpp"

namespace sluice::topology {

class mistakes {
public:
  explicit mistakes(std::string file) : file_{std::move(file)} {}

  void add(position where, std::string message);
  [[nodiscard]] bool empty() const { return found_.empty(); }
  /// What was added, in the order of the file; a mistake that was met twice (an
  /// anchor that is used twice) is there once.
  [[nodiscard]] std::vector<diagnostic> take();

private:
  std::string file_;
  std::vector<diagnostic> found_;
};

/// `text` in quotes, fit for one line of a message: control characters escaped,
/// bytes that are not UTF-8 as '?', cut after 60 characters.
[[nodiscard]] std::string shown(std::string_view text);

} // namespace sluice::topology
