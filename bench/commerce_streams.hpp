// Changes of the commerce system (config/commerce.yaml): `users` of PostgreSQL
// and `events` of MongoDB.
#pragma once

#include <cstdint>
#include <string>

#include "bench/change_stream.hpp"
#include "bench/revisions.hpp"

namespace sluice::bench {

/// user_id, full_name, email, updated_at.
class user_stream final : public change_stream {
public:
  explicit user_stream(std::uint64_t seed)
      : seed_{seed}, rows_{seed, {40, 2}} {}

  [[nodiscard]] change next() override;
  [[nodiscard]] table_totals totals() const override;

private:
  std::uint64_t seed_;
  revisions rows_;
  std::string key_;
  std::string row_;
  std::string value_;
};

/// _id.$oid, user_id, event_type, ts, metadata (a nested document); inserts
/// only. `after` is a text of Extended JSON.
class event_stream final : public change_stream {
public:
  explicit event_stream(std::uint64_t seed) : seed_{seed} {}

  [[nodiscard]] change next() override;
  [[nodiscard]] table_totals totals() const override;

private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
  std::string key_;
  std::string value_;
};

} // namespace sluice::bench
