// What a person tells a running pipeline about one table, as a record of the
// control log, and what follows from all of them. Pure.
#pragma once

#include <chrono>
#include <map>
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
};

struct table_command {
  std::string table;
  table_verb what = table_verb::pause;
  /// Who gave it: "host-pid".
  std::string by;
  bool operator==(const table_command&) const = default;
};

/// "pause", "resume".
[[nodiscard]] std::string_view name_of(table_verb what);

/// One JSON object in one line:
///   {"sluice":1,"kind":"table","table":"users","command":"pause","by":"..."}
[[nodiscard]] std::string encode(const table_command& command);

/// Reads what encode() wrote. std::nullopt for a record of another kind, which
/// is somebody else's; members that are not known are passed over. The error
/// says in one line what is wrong with a table's command.
[[nodiscard]] tl::expected<std::optional<table_command>, std::string>
parse_table_command(std::string_view record);

/// Which tables are paused, after all commands so far.
class table_pauses {
public:
  /// Obeys a command; `when` is the time of its record. A second pause changes
  /// nothing.
  void obey(const table_command& command, std::chrono::sys_seconds when);
  /// By table: since when and by whom, for people.
  [[nodiscard]] const std::map<std::string, std::string>& reasons() const {
    return reasons_;
  }

private:
  std::map<std::string, std::string> reasons_;
};

} // namespace sluice::plan
