// One record of a change topic becomes one row of a block, or it is said why
// not. Decoders are pure: no I/O, no clock, and the same answer for the same
// bytes. docs/formats.md says what is accepted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "kafka/record.hpp"
#include "silver/block_builder.hpp"
#include "silver/table_layout.hpp"

namespace sluice::cdc {

/// What happened to a row.
enum class operation : std::uint8_t {
  create,
  /// It is part of a snapshot.
  read,
  update,
  remove,
};

enum class verdict {
  /// A row was committed to the block: a new or changed row.
  upserted,
  /// A row was committed that hides the key (mode latest).
  deleted,
  /// Recognised and harmless: nothing was written.
  ignored,
  /// Cannot be read or does not fit: for the dead-letter topic.
  rejected,
};

/// Why a record was ignored; each is counted under its name.
enum class ignore_reason {
  none,
  tombstone,
  heartbeat,
  transaction_marker,
  schema_change,
  logical_message,
  truncate,
  snapshot_marker,
  /// An update or delete of an event in an append table.
  not_an_insert,
};

/// Stable names for metrics, headers of dead letters and tests.
enum class reject_reason {
  none,
  not_json,
  no_envelope,
  unknown_operation,
  missing_row,
  missing_key,
  wrong_type,
  out_of_range,
  inexact,
  null_value,
  bad_encoding,
  unchanged_toast,
  too_deep,
  too_large,
  outside_windows,
};

/// All of them but `none`.
inline constexpr std::array reject_reasons = {
    reject_reason::not_json,          reject_reason::no_envelope,
    reject_reason::unknown_operation, reject_reason::missing_row,
    reject_reason::missing_key,       reject_reason::wrong_type,
    reject_reason::out_of_range,      reject_reason::inexact,
    reject_reason::null_value,        reject_reason::bad_encoding,
    reject_reason::unchanged_toast,   reject_reason::too_deep,
    reject_reason::too_large,         reject_reason::outside_windows};
static_assert(reject_reasons.size()
              == static_cast<std::size_t>(reject_reason::outside_windows));

[[nodiscard]] std::string_view to_string(ignore_reason reason);
[[nodiscard]] std::string_view to_string(reject_reason reason);

struct outcome {
  verdict what = verdict::ignored;
  /// Of a committed row.
  operation op = operation::create;
  ignore_reason ignored = ignore_reason::none;
  reject_reason rejected = reject_reason::none;
  /// For people: what was wrong with which column. Only for rejected.
  std::string detail;
};

/// Counts of what a column's `invalid` policy changed since the start.
struct policy_counts {
  std::uint64_t nulled = 0;
  std::uint64_t clamped = 0;
};

/// Compiled once per table from its layout; keeps scratch memory, so it is used
/// by one thread at a time.
class decoder {
public:
  virtual ~decoder() = default;
  decoder() = default;
  decoder(const decoder&) = delete;
  decoder& operator=(const decoder&) = delete;

  /// Decodes `record` of `partition` and appends its row to `rows`, whose
  /// columns are the layout's block columns. `epoch` counts the partition's
  /// deliberate restarts and goes into `_epoch` and `_version`. Rejected and
  /// ignored records leave `rows` as it was. Never throws on any input.
  [[nodiscard]] virtual outcome decode(const kafka::record& record,
                                       std::int32_t partition,
                                       std::uint16_t epoch,
                                       silver::block_builder& rows) = 0;

  [[nodiscard]] virtual policy_counts policies() const = 0;
};

/// The decoder for the layout's format.
[[nodiscard]] std::unique_ptr<decoder>
make_decoder(const silver::table_layout& layout);

} // namespace sluice::cdc
