// Several files of recorded records as one sequence.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/record_file.hpp"

namespace sluice::cli {

class record_files {
public:
  explicit record_files(std::vector<std::string> names)
      : names_{std::move(names)} {}

  /// The next record; std::nullopt after the last file. Errors are one line
  /// that begins with the file.
  [[nodiscard]] tl::expected<std::optional<kafka::owned_record>, std::string>
  next();

private:
  std::vector<std::string> names_;
  std::size_t opened_ = 0;
  std::optional<kafka::record_file> file_;
};

/// Reads all files through: the topics that they name, or the first mistake.
/// No record at all is a mistake.
[[nodiscard]] tl::expected<std::set<std::string>, std::string>
topics_in(const std::vector<std::string>& names);

} // namespace sluice::cli
