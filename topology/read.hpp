// Reads a topology file: YAML, substitution of ${ENV}, defaults, validation.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "topology/topology.hpp"

namespace sluice::topology {

/// One mistake in a topology file, or one warning.
struct diagnostic {
  std::string file;
  position where;
  /// What is wrong and how to mend it, in one line, with the offending key and
  /// the nearest valid one where there is one.
  std::string message;
};

/// "file:line:column: message".
[[nodiscard]] std::string to_string(const diagnostic& mistake);

/// Where ${NAME} is looked up; std::nullopt when it is not set.
using environment =
    std::function<std::optional<std::string>(const std::string& name)>;

/// The process environment.
[[nodiscard]] environment process_environment();

/// Reads and validates `file`. All mistakes are collected, in file order, and
/// nothing is half read: either a whole topology or at least one diagnostic.
/// A file that cannot be opened is a diagnostic without a position.
[[nodiscard]] tl::expected<topology, std::vector<diagnostic>>
read_file(const std::filesystem::path& file, const environment& env);

/// The same for YAML in memory; `name` stands for the file in messages, and
/// relative {file: ...} paths are looked up beside it.
[[nodiscard]] tl::expected<topology, std::vector<diagnostic>>
read_text(std::string_view yaml, const std::string& name,
          const environment& env);

} // namespace sluice::topology
