// Checks from outside what the cut ledger promises: the ranges that a table has
// acknowledged touch each other, and none lies upon another. It shares nothing
// with the ledger, so that a mistake there is seen here.
#pragma once

#include <cstdint>
#include <map>

#include "kafka/cut.hpp"

namespace sluice::kafka {

/// One table of one partition, in one life of its pipeline.
class offset_audit {
public:
  explicit offset_audit(std::int64_t frontier) : frontier_{frontier} {}

  /// The table has the rows of `range`. False: it had some of them before.
  [[nodiscard]] bool acknowledged(const cut& range);
  /// Kafka is to have `frontier` for the table. False: the table was never
  /// acknowledged something below it.
  [[nodiscard]] bool committed(std::int64_t frontier);

private:
  std::int64_t frontier_;
  /// Acknowledged beyond the frontier: lo to hi.
  std::map<std::int64_t, std::int64_t> ahead_;
};

} // namespace sluice::kafka
