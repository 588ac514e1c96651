// What nodes and people tell each other about gold in the control log: each
// record is one JSON object in one line. docs/control-log.md has examples.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "gold/time_ranges.hpp"
#include "gold/window.hpp"

namespace sluice::gold {

/// By gold: the event times that a cut touches.
using touched_golds = std::map<std::string, time_ranges>;

/// Where a block of rows comes from; the same for every attempt at it.
struct cut_name {
  std::string table;
  std::string topic;
  std::int32_t partition = 0;
  std::uint16_t epoch = 0;
  std::int64_t lo = 0;
  std::int64_t hi = 0;
  auto operator<=>(const cut_name&) const = default;
};

/// "users/postgres.public.users/3/0/100-200".
[[nodiscard]] std::string to_string(const cut_name& cut);

/// Before the cut's insert: windows that it takes rows from. They count from
/// the cut's mark on.
struct cut_note {
  cut_name cut;
  touched_golds golds;
  bool operator==(const cut_note&) const = default;
};

/// After the cut's insert is acknowledged, before it is finished.
struct cut_mark {
  cut_name cut;
  touched_golds golds;
  /// By gold whose event times the table has: the cut's newest inside the
  /// bounds, seconds since 1970-01-01 UTC. Watermarks are made of them.
  std::map<std::string, std::int64_t> newest;
  bool operator==(const cut_mark&) const = default;
};

/// As many cuts as came together on a node.
struct cuts_marked {
  std::string node;
  std::vector<cut_note> notes;
  std::vector<cut_mark> marks;
  bool operator==(const cuts_marked&) const = default;
};

/// A node leads from here on; this record's offset is its term.
struct term_begun {
  std::string node;
  /// By which the node knows its own record.
  std::string nonce;
  bool operator==(const term_begun&) const = default;
};

/// A run has published.
struct run_finished {
  std::string gold;
  window what;
  std::string run_id;
  /// Of the coordinator that ordered it.
  std::int64_t term = 0;
  /// Every record of the log below this offset was read before the data.
  std::int64_t covers = 0;
  bool operator==(const run_finished&) const = default;
};

/// Somebody wants windows run, whatever their state.
struct run_requested {
  std::string gold;
  std::chrono::sys_seconds from;
  std::chrono::sys_seconds to;
  /// Who: "host-pid".
  std::string by;
  bool operator==(const run_requested&) const = default;
};

using control_message =
    std::variant<cuts_marked, term_begun, run_finished, run_requested>;

/// {"sluice":1,"kind":"marks",...}, without a line end.
[[nodiscard]] std::string encode(const control_message& message);

/// Reads what encode() wrote; std::nullopt for a record of another kind, which
/// is somebody else's. Members that are not known are passed over. The error
/// says in one line what is wrong with a record of one of these kinds.
[[nodiscard]] tl::expected<std::optional<control_message>, std::string>
parse_control_message(std::string_view record);

} // namespace sluice::gold
