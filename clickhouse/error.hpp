// What went wrong in ClickHouse and what may be done about it.
#pragma once

#include <string>
#include <string_view>

namespace sluice::clickhouse {

/// What the caller does next.
enum class remedy {
  /// It may heal: repeat the same request later (network, overload, too many
  /// parts, read-only replica, starting up, quota).
  retry,
  /// The request is too large for the moment: the same rows in smaller blocks
  /// (memory limit), but only once it is known that nothing was inserted.
  split,
  /// The data are at fault: some row of the block.
  reject,
  /// No retry will help: table or column missing, type mismatch, access
  /// denied, wrong password. The table stops with this as its status.
  stop,
};

struct error {
  remedy what = remedy::retry;
  /// ClickHouse's exception code; 0: none (transport).
  int code = 0;
  /// Whether the statement may have taken effect (timeout, connection cut
  /// after sending, 5xx without an exception). Then only the same block under
  /// the same token may follow.
  bool outcome_unknown = false;
  /// One line for people: ClickHouse's own words or the transport's.
  std::string message;
};

/// Name of the constraint by which a table refuses the rows that it had before
/// it was reset (plan/table_reset.hpp).
inline constexpr std::string_view epoch_constraint = "sluice_epoch";

/// Whether the table was reset, and the rows were of its former life. Nothing
/// of the block was inserted.
[[nodiscard]] bool is_of_former_life(int code, const std::string& message);

/// Classifies a ClickHouse exception by its code, and by its text where the
/// code alone is ambiguous (252, 469). A code that is not known is retried.
/// Source: src/Common/ErrorCodes.cpp; the table with reasons:
/// docs/clickhouse-errors.md.
[[nodiscard]] remedy classify(int code, const std::string& message);

/// Whether a statement that ended with this exception may have taken effect all
/// the same (a timeout, a cancelled query, a lost replica or Keeper).
[[nodiscard]] bool is_outcome_uncertain(int code);

/// Finds the code in an exception's text ("Code: 60. DB::Exception: ..."); 0
/// when there is none.
[[nodiscard]] int exception_code(const std::string& message);

} // namespace sluice::clickhouse
