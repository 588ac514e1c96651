// Change events as Debezium sends them, made up: an endless sequence that is
// the same for the same seed, and knows what table it leads to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bench/fingerprint.hpp"

namespace sluice::bench {

/// The texts are valid until the next call of the stream that made them.
struct change {
  std::string_view key;
  std::string_view value;
};

/// Used by one thread at a time.
class change_stream {
public:
  virtual ~change_stream() = default;
  change_stream() = default;
  change_stream(const change_stream&) = delete;
  change_stream& operator=(const change_stream&) = delete;

  [[nodiscard]] virtual change next() = 0;
  /// The table after all changes so far, deleted rows left out. Takes about
  /// 0.2 us a row.
  [[nodiscard]] virtual table_totals totals() const = 0;
};

/// By name: "orders" (Debezium PostgreSQL, eight columns, about 610 bytes),
/// "orders-wide" (the same with two long columns, about 1 kB), "users"
/// (PostgreSQL) and "events" (MongoDB) of the commerce system. The error names
/// them all.
[[nodiscard]] tl::expected<std::unique_ptr<change_stream>, std::string>
make_change_stream(std::string_view name, std::uint64_t seed);

} // namespace sluice::bench
