// Asks the throwaway ClickHouse directly, not through the proxy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "chaos/model.hpp"
#include "clickhouse/client.hpp"
#include "topology/topology.hpp"

namespace sluice::chaos {

/// A connection to the ClickHouse that listens on that port of the loopback.
[[nodiscard]] std::unique_ptr<clickhouse::client>
connect_to(std::uint16_t port, const std::string& database);

/// One thread at a time.
class silver_reader {
public:
  silver_reader(std::uint16_t port, const std::string& database);

  /// Runs one statement; its result as TabSeparated. The error is one line.
  [[nodiscard]] tl::expected<std::string, std::string>
  query(const std::string& sql) const;
  /// The rows of an append table as they are stored, or the current ones of a
  /// latest table; sorted.
  [[nodiscard]] tl::expected<std::vector<row_id>, std::string>
  rows(const topology::table& of) const;
  /// Rows that are stored more than once for the same record.
  [[nodiscard]] tl::expected<std::uint64_t, std::string>
  stored_twice(const std::string& table) const;

private:
  std::unique_ptr<clickhouse::client> client_;
};

/// Lines of "PARTITION<tab>OFFSET".
[[nodiscard]] tl::expected<std::vector<row_id>, std::string>
parse_rows(const std::string& text);

} // namespace sluice::chaos
