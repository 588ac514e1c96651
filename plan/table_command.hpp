// What a person tells a running pipeline about one table, as a record of the
// control log. What follows from all of them: table_controls.hpp. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace sluice::plan {

enum class table_verb {
  /// Writes nothing of the table any more, until `resume`; its offsets stay.
  pause,
  /// Goes on: after `pause`, and soon with a table that ClickHouse refused.
  resume,
  /// Begins again where its `start:` says, in an epoch of its own: its rows of
  /// earlier ones are gone, and ClickHouse refuses what may yet come of them.
  reset,
};

struct table_command {
  std::string table;
  table_verb what = table_verb::pause;
  /// Who gave it: "host-pid".
  std::string by;
  /// Of a reset: the table's epoch from then on, 1 or more. 0 otherwise.
  std::uint16_t epoch = 0;
  bool operator==(const table_command&) const = default;
};

/// "pause", "resume", "reset".
[[nodiscard]] std::string_view name_of(table_verb what);

/// One JSON object in one line:
///   {"sluice":1,"kind":"table","table":"users","command":"pause","by":"..."}
/// A reset has its epoch behind the command: "epoch":3.
[[nodiscard]] std::string encode(const table_command& command);

/// Reads what encode() wrote. std::nullopt for a record of another kind, which
/// is somebody else's; members that are not known are passed over. The error
/// says in one line what is wrong with a table's command.
[[nodiscard]] tl::expected<std::optional<table_command>, std::string>
parse_table_command(std::string_view record);

} // namespace sluice::plan
