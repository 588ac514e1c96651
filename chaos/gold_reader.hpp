// Compares golds with their SQL on the throwaway ClickHouse, not through the
// proxy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <tl/expected.hpp>

#include "chaos/gold_difference.hpp"
#include "clickhouse/client.hpp"
#include "gold/window_rule.hpp"
#include "topology/topology.hpp"

namespace sluice::chaos {

/// One thread at a time.
class gold_reader {
public:
  gold_reader(std::uint16_t port, std::string database);

  /// Windows that a leader would run again because they do not show what their
  /// newest run published (gold/repair.hpp). The error is one line.
  [[nodiscard]] tl::expected<std::size_t, std::string>
  unsound(const topology::gold& of) const;

  /// Every window that any row of silver, current or replaced, is in, and every
  /// window that the gold table has rows of: what is shown, against what the
  /// SQL yields over silver as it is now (final). The error is one line.
  [[nodiscard]] tl::expected<gold_difference, std::string>
  compare(const topology::gold& of) const;

  /// Runs of all golds in the ledger, by their state. The error is one line.
  [[nodiscard]] tl::expected<std::map<std::string, std::uint64_t>, std::string>
  runs() const;

private:
  [[nodiscard]] tl::expected<std::string, std::string>
  query(const topology::gold& of, std::string sql) const;
  [[nodiscard]] tl::expected<std::set<gold::window>, std::string>
  windows_of(const topology::gold& of) const;
  [[nodiscard]] tl::expected<std::string, std::string>
  yield(const topology::gold& of, const gold::window& what) const;

  std::string database_;
  std::unique_ptr<clickhouse::client> client_;
};

} // namespace sluice::chaos
