// Changes of a table `orders` of PostgreSQL.
#pragma once

#include <cstdint>
#include <string>

#include "bench/change_stream.hpp"
#include "bench/revisions.hpp"

namespace sluice::bench {

enum class order_width {
  /// order_id, user_id, status, sku, quantity, total, created_at, updated_at.
  narrow,
  /// The same and shipping_address, note.
  wide,
};

/// Deletes come without tombstones (tombstones.on.delete=false), decimals as
/// text (decimal.handling.mode=string), timestamps in microseconds.
class order_stream final : public change_stream {
public:
  order_stream(std::uint64_t seed, order_width width)
      : seed_{seed}, width_{width}, rows_{seed, {}} {}

  [[nodiscard]] change next() override;
  [[nodiscard]] table_totals totals() const override;

private:
  std::uint64_t seed_;
  order_width width_;
  revisions rows_;
  std::string key_;
  std::string row_;
  std::string value_;
};

} // namespace sluice::bench
