// Which of the running nodes a command means.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "status/node_registry.hpp"

namespace sluice::cli {

/// What the user said about the node.
struct node_wish {
  std::optional<std::string> pipeline;
  std::optional<std::filesystem::path> data_directory;
};

/// The running nodes of this machine that fit the wish, oldest first. The error
/// is one line.
[[nodiscard]] tl::expected<std::vector<status::node_entry>, std::string>
find_wished_nodes(const node_wish& wish);

/// Those of `nodes` whose data directory is `directory`.
[[nodiscard]] std::vector<status::node_entry>
with_data_directory(std::vector<status::node_entry> nodes,
                    const std::filesystem::path& directory);

/// The one node; std::nullopt when there is none. Several are an error in one
/// line that names their data directories.
[[nodiscard]] tl::expected<std::optional<status::node_entry>, std::string>
only_node(const std::vector<status::node_entry>& nodes);

/// The one running node of a pipeline, with this data directory if one is
/// given; otherwise as only_node.
[[nodiscard]] tl::expected<std::optional<status::node_entry>, std::string>
find_only_node(const std::string& pipeline,
               const std::optional<std::filesystem::path>& data);

} // namespace sluice::cli
