#include "cli/node_choice.hpp"

namespace sluice::cli {

namespace {

/// One text for one place, with or without links, dots and a slash at the end.
std::filesystem::path resolved(const std::filesystem::path& directory) {
  std::error_code failure;
  auto result = std::filesystem::weakly_canonical(
      std::filesystem::absolute(directory, failure), failure);
  if (failure)
    result = directory.lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

} // namespace

tl::expected<std::vector<status::node_entry>, std::string>
find_wished_nodes(const node_wish& wish) {
  auto nodes = status::find_nodes(wish.pipeline);
  if (nodes && wish.data_directory)
    return with_data_directory(std::move(*nodes), *wish.data_directory);
  return nodes;
}

std::vector<status::node_entry>
with_data_directory(std::vector<status::node_entry> nodes,
                    const std::filesystem::path& directory) {
  const auto wanted = resolved(directory);
  std::erase_if(nodes, [&](const status::node_entry& node) {
    return resolved(node.data_directory) != wanted;
  });
  return nodes;
}

tl::expected<std::optional<status::node_entry>, std::string>
only_node(const std::vector<status::node_entry>& nodes) {
  if (nodes.empty())
    return std::nullopt;
  if (nodes.size() == 1)
    return nodes.front();
  std::string directories;
  for (const auto& node : nodes)
    directories += (directories.empty() ? "" : ", ") + node.data_directory;
  return tl::unexpected(std::to_string(nodes.size())
                        + " nodes are running: choose one with --data ("
                        + directories + ")");
}

tl::expected<std::optional<status::node_entry>, std::string>
find_only_node(const std::string& pipeline,
               const std::optional<std::filesystem::path>& data) {
  const auto nodes =
      find_wished_nodes({.pipeline = pipeline, .data_directory = data});
  if (!nodes)
    return tl::unexpected(nodes.error());
  return only_node(*nodes);
}

} // namespace sluice::cli
