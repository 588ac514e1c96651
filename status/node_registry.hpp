// The running nodes of this user on this machine, so that `sluice status`,
// `query` and `kafka play` find them without being told an address: one small
// JSON file per process in a directory that only the user can enter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "status/report.hpp"

namespace sluice::status {

struct node_entry {
  std::string pipeline;
  std::string topology_file;
  std::string status_url;
  std::string kafka_brokers;
  std::string clickhouse_url;
  std::string data_directory;
  std::int64_t pid = 0;
  instant started{};
  bool operator==(const node_entry&) const = default;
};

/// $XDG_RUNTIME_DIR/sluice-<uid>, or /tmp/sluice-<uid> without it.
[[nodiscard]] std::filesystem::path default_registry_directory();

/// Keeps this process's file for as long as it lives. Movable.
class registration {
public:
  /// Writes the file (whole, by rename) for this process; `entry.pid` is set to
  /// it. Creates the directory with mode 0700. The error is one line: directory
  /// not writable, not the user's own, a link, or open to others.
  [[nodiscard]] static tl::expected<registration, std::string>
  write(node_entry entry,
        const std::filesystem::path& directory = default_registry_directory());
  ~registration();
  registration(registration&& other) noexcept;
  registration& operator=(registration&& other) noexcept;

private:
  explicit registration(std::filesystem::path file);
  std::filesystem::path file_;
};

/// The data directory of the pipeline's node that was registered last on this
/// machine, whether it runs or not; std::nullopt: none is known, or it is gone.
[[nodiscard]] std::optional<std::filesystem::path> last_data_directory(
    const std::string& pipeline,
    const std::filesystem::path& directory = default_registry_directory());

/// The nodes that are alive, oldest first, of one pipeline or of all. Files of
/// processes that are gone (or whose id is another process's now) are deleted;
/// files that cannot be read are passed over. No directory: no nodes. A
/// directory that another user owns is an error, as what it says could lead
/// anywhere.
[[nodiscard]] tl::expected<std::vector<node_entry>, std::string> find_nodes(
    const std::optional<std::string>& pipeline = std::nullopt,
    const std::filesystem::path& directory = default_registry_directory());

} // namespace sluice::status
