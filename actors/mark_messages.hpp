// The messages by which the windows that a cut touches get into the control
// log, in the order in which a cut meets them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <caf/all.hpp>
#include <tl/expected.hpp>

#include "clickhouse/error.hpp"
#include "gold/control_records.hpp"
#include "marks/look_back.hpp"

namespace sluice::actors {

// -- table transformer -> window marker ---------------------------------------

/// Before a cut's insert: find the windows that it takes rows from, and note
/// them; answered when the log has them.
struct note_windows {
  gold::cut_name cut;
  /// Known already, from earlier cuts that are not acknowledged yet.
  gold::touched_golds known;
  /// What the cut's mark will have anyway: needs no note.
  gold::touched_golds own;
  std::vector<marks::question> questions;
  /// What is asked for may have another answer before the cut's insert: it is
  /// asked again when the log has the note, from which on it knows what moves.
  bool is_of_joined_rows = false;
};
struct windows_noted {};

/// After the insert: mark what the cut has touched; answered when the log has
/// it.
struct mark_windows {
  gold::cut_mark mark;
  std::vector<marks::question> questions;
};
struct windows_marked {};

// -- window marker -> window finder -------------------------------------------

/// Answered with the times of each question, in their order, or why not.
struct find_times {
  std::vector<marks::question> questions;
};
struct times_found {
  tl::expected<std::vector<std::vector<std::int64_t>>, clickhouse::error> times;
};

// -- the control log -> window marker -----------------------------------------

/// From the log, another thread: the record is durable, or (with an error) may
/// not be.
struct append_answered {
  std::string error;
};

} // namespace sluice::actors

// CAF's word for a message that is never serialised.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::note_windows)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::windows_noted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::mark_windows)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::windows_marked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::find_times)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::times_found)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::append_answered)
