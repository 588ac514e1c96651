// The ClickHouse side of `sluice table reset`: an empty silver table in the
// place of the one that there was, which takes nothing of its former life.
//
// Emptying a table (TRUNCATE) would not do: an INSERT that has begun has looked
// at the constraints already, and ends after the table is empty. So another
// table, with the constraint, takes its name in one step (EXCHANGE TABLES);
// what is still being inserted goes away with the former one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"

namespace sluice::plan {

/// What ClickHouse has of a table that is to be reset.
struct table_life {
  /// Least epoch that its constraint lets in; 0: it has none.
  std::uint16_t least_epoch = 0;
  /// Greatest epoch of a row; 0 also for no row.
  std::uint16_t greatest_epoch = 0;
  std::uint64_t rows = 0;
};

/// Asks for all of it; reads one column of the whole table. An error with
/// remedy `stop` says why the table cannot be reset: it does not exist, or its
/// engine is replicated (replicas do not exchange tables at the same moment).
[[nodiscard]] tl::expected<table_life, clickhouse::error>
read_table_life(clickhouse::client& on, const std::string& database,
                const std::string& table);

/// The epoch of a reset, beyond all that are in use. A partition may begin a
/// new epoch at this moment, one more than what it has; so this is two more.
/// The error: a row's version can count no further.
[[nodiscard]] tl::expected<std::uint16_t, std::string>
epoch_after(std::span<const std::uint16_t> in_use);

/// What became of a table.
struct emptied_table {
  /// Somebody else has reset the table meanwhile, or writes in this epoch
  /// already: nothing was changed, choose the epoch anew.
  bool overtaken = false;
  /// Where the former rows still are, because they could not be dropped; and
  /// why. Usually empty.
  std::string leftover = {};
  std::string leftover_reason = {};
};

/// Puts an empty table like `table` in its place, that refuses rows of epochs
/// below `epoch` (code 469, clickhouse::epoch_constraint), and drops the former
/// one. Either all of it has happened or, with an error, nothing that readers
/// or writers see; an unknown outcome (a timeout) is for another reset to end.
/// Of several at a time at most one succeeds with an epoch. `by` names who does
/// it, in the name of the table that is being prepared.
[[nodiscard]] tl::expected<emptied_table, clickhouse::error>
empty_table(clickhouse::client& on, const std::string& database,
            const std::string& table, std::uint16_t epoch, std::string_view by);

} // namespace sluice::plan
