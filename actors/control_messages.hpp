// The messages about what people tell the pipeline, in the order in which a
// command meets them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <caf/all.hpp>
#include <tl/expected.hpp>

#include "kafka/control_log.hpp"

namespace sluice::actors {

// -- control follower -> supervisor -------------------------------------------

/// What people have told about the tables, as far as the control log goes: sent
/// when its end is reached, and with every change from then on.
struct controls_followed {
  /// All tables that are paused, with the reason.
  std::map<std::string, std::string> paused;
  /// Tables that were told to go on since the last time.
  std::vector<std::string> resumed;
  /// All tables that were ever reset, with the epoch of the last time.
  std::map<std::string, std::uint16_t> resets = {};
};

// -- supervisor -> batching writer --------------------------------------------

/// Whether the table may be written; it is also to be tried at once.
struct pause_told {
  /// Why not; empty: it may.
  std::string paused;
  /// Of the table's last reset; 0: none. Rows of an earlier one are refused.
  std::uint16_t epoch = 0;
};

// -- supervisor -> partition consumer -----------------------------------------

/// The table begins again in this epoch: a partition that does not have it
/// there yet is to be opened anew.
struct table_reset {
  std::string table;
  std::uint16_t epoch = 0;
};

// -- coordinator -> control link ----------------------------------------------

/// Read on; answered with what there is, after a short wait for it.
struct read_log {
  std::int64_t from = 0;
};
struct log_read {
  tl::expected<kafka::control_batch, std::string> batch;
};
/// Answered when the log has the record, or may not have it.
struct append_to_log {
  std::string record;
};
struct log_appended {
  /// Empty: the log has it.
  std::string error;
};
/// From the log, another thread: the fate of one record.
struct link_answered {
  std::uint64_t number = 0;
  std::string error;
};

// -- coordinator -> control follower ------------------------------------------

/// Records below this offset are in the saved state: they may go.
struct trim_log {
  std::int64_t before = 0;
};
/// From the log, another thread: what the tables were told is in it once more,
/// or why not.
struct tables_restated {
  std::int64_t before = 0;
  std::string error;
};

} // namespace sluice::actors

// CAF's word for a message that is never serialised.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::controls_followed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::read_log)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::log_read)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::append_to_log)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::log_appended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::link_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::trim_log)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::tables_restated)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::pause_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::table_reset)
