// Keeps rows with impossible event times (1970, 2200) out of a silver table:
// `window.outside: quarantine` of a gold. Pure, and without a clock: whoever
// decodes the record again comes to the same answer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "silver/block_builder.hpp"
#include "topology/topology.hpp"

namespace sluice::silver {

/// What one gold takes. An immutable value, safe to use from any thread.
class time_guard {
public:
  /// The instant, in seconds since 1970-01-01 UTC, at which a date (days since
  /// then) begins.
  using midnight = std::function<std::int64_t(std::int64_t)>;

  /// `column` is the index of the gold's event time among the block's columns,
  /// a column that holds_time(). `begin_of` tells where in its time zone a date
  /// begins, and is asked only close to a bound.
  time_guard(const topology::gold& of, std::size_t column, midnight begin_of);

  [[nodiscard]] std::size_t column() const { return column_; }

  /// Whether the last value of `times` is from `window.oldest` to
  /// `window.ahead` after the record's Kafka timestamp (both are in), and not
  /// after 2106-02-07 06:28:15 UTC, which is the last of a DateTime. Without a
  /// timestamp (-1) that alone bounds it. NULL is let in: it is no time.
  [[nodiscard]] bool lets_in(const column_buffer& times,
                             std::int64_t timestamp_ms) const;

  /// For people, one line: gold, column, value and bounds.
  [[nodiscard]] std::string refusal(const column_buffer& times,
                                    std::int64_t timestamp_ms) const;

private:
  [[nodiscard]] std::int64_t newest(std::int64_t timestamp_ms) const;

  std::string gold_;
  std::string name_;
  std::size_t column_;
  std::int64_t oldest_;
  std::int64_t ahead_;
  midnight begin_of_;
};

} // namespace sluice::silver
