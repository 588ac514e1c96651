// A source of change events with a memory: three tables whose rows are changed
// at random, the logs of those changes, and what gold has to be in the end,
// computed without any of the product's arithmetic.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "cdc/decoder.hpp"
#include "silver/table_layout.hpp"
#include "topology/topology.hpp"

namespace sluice::clickhouse::testing {

/// Orders drive the golds; items are their children, customers are joined to
/// them by their own key.
inline constexpr std::array<const char*, 3> source_tables{"orders", "items",
                                                          "customers"};
inline constexpr std::size_t orders = 0;
inline constexpr std::size_t items = 1;
inline constexpr std::size_t customers = 2;

/// Partitions of each topic; a key stays in its own.
inline constexpr std::size_t source_partitions = 2;

struct source_row {
  /// The customer of an order, the order of an item.
  std::int64_t parent = 0;
  /// An order counts when it is 1; the amount of an item, the level of a
  /// customer.
  std::int64_t value = 0;
  /// Of an order: milliseconds since 1970.
  std::int64_t at_ms = 0;
};

struct source_change {
  cdc::operation what = cdc::operation::create;
  std::int64_t offset = 0;
  std::int64_t id = 0;
  /// Of a removed row, nothing is known.
  source_row row;
};

using source_log = std::vector<source_change>;

/// What silver is made of.
[[nodiscard]] silver::table_layout layout_of(std::size_t table);

/// Days in UTC, days in New York while its clocks are put forward, and 24
/// hours every twelve. One SQL for all of them.
[[nodiscard]] std::vector<topology::gold> golds_of_the_source();

/// Event times are in these two days, but for a few in 1975, which no window
/// takes.
inline constexpr std::int64_t source_begin = 1'772'841'600; // 2026-03-07
inline constexpr std::int64_t source_end = source_begin + 2 * 86'400;

class gold_source {
public:
  explicit gold_source(std::mt19937_64& random) : random_{random} {}

  /// One change, or a row that is removed and comes back at once.
  void change_something();

  [[nodiscard]] const source_log& log(std::size_t table,
                                      std::size_t partition) const {
    return logs_[table][partition];
  }

  /// What the gold table shows: "window start, customer, orders, amount,
  /// level" as TabSeparated, sorted; of golds_of_the_source()[gold].
  [[nodiscard]] std::string expected(std::size_t gold) const;

private:
  [[nodiscard]] std::int64_t below(std::int64_t bound);
  [[nodiscard]] std::int64_t any_time();
  [[nodiscard]] source_row any_row(std::size_t table);
  void put(std::size_t table, std::int64_t id, const source_row& row,
           cdc::operation what);
  void remove(std::size_t table, std::int64_t id);
  void append(std::size_t table, const source_change& change);

  std::mt19937_64& random_;
  std::array<std::map<std::int64_t, source_row>, 3> rows_;
  std::array<std::array<source_log, source_partitions>, 3> logs_;
};

} // namespace sluice::clickhouse::testing
