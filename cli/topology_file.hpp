// Reads the topology file that a command was given.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <CLI/App.hpp>

#include "plan/schema.hpp"

namespace sluice::cli {

struct topology_file {
  topology::topology what;
  plan::layouts tables;
};

/// Reads, validates and lays out `file`. Prints every mistake to standard
/// error, one a line, when there is any.
[[nodiscard]] std::optional<topology_file>
load_topology(const std::string& file);

/// Adds the required argument FILE.
void add_file(CLI::App& to, std::string& file);

/// Where the embedded parts keep their data unless --data says otherwise.
inline constexpr const char* default_data_directory = "sluice-data";

/// Adds --data DIR, unset by default.
void add_data(CLI::App& to, std::optional<std::filesystem::path>& directory,
              const std::string& help);

} // namespace sluice::cli
