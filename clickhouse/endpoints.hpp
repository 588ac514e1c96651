// Opens the ClickHouse that a topology names.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "topology/topology.hpp"

namespace sluice::clickhouse {

/// A ClickHouse over HTTP(S). Does not connect yet.
[[nodiscard]] std::unique_ptr<endpoint>
http_endpoint(const topology::clickhouse& where);

/// The ClickHouse inside this process, with its data under `directory`
/// (created when missing). At most one per process. The error is one line
/// (library not found and how to install it, directory not writable or in use
/// by another process). The last reference closes it, which must happen before
/// main returns.
[[nodiscard]] tl::expected<std::shared_ptr<endpoint>, std::string>
embedded_endpoint(const std::filesystem::path& directory,
                  const std::string& database);

/// Serves an embedded endpoint over the ClickHouse HTTP protocol on
/// 127.0.0.1:`port` (0: any free one) until destroyed. `docs/embedded.md` lists
/// what of the protocol is spoken. Errors: port in use, in one line.
class http_server {
public:
  virtual ~http_server() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
};
[[nodiscard]] tl::expected<std::unique_ptr<http_server>, std::string>
serve_embedded(std::shared_ptr<endpoint> embedded, std::uint16_t port);

} // namespace sluice::clickhouse
