// What the actors tell of themselves, for the status page and Prometheus.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "kafka/record.hpp"
#include "status/report.hpp"

namespace sluice::actors {

// -- everyone -> metrics actor ------------------------------------------------

struct partition_reported {
  status::partition_report report;
};
struct partition_gone {
  kafka::topic_partition where;
};
struct table_reported {
  status::table_report report;
};
/// From a transformer, after each cut: records that became no row since the
/// last one.
struct records_counted {
  std::string table;
  std::uint64_t dead_letters = 0;
  std::uint64_t ignored = 0;
};
/// Empty while this node does not lead: it knows nothing of windows then.
struct golds_reported {
  std::vector<status::gold_report> golds;
};
/// Something of the node is in trouble ("kafka", "clickhouse"), or, with an
/// empty reason, healthy again.
struct trouble_reported {
  std::string part;
  std::string reason;
};
/// The node as a whole starts, runs or stops.
struct phase_changed {
  status::health_state phase = status::health_state::starting;
};
/// From the supervisor: an actor has failed and starts again.
struct actor_failed {
  std::string actor;
  std::string reason;
  /// After this time; std::nullopt: with the first pipeline that needs it.
  std::optional<std::chrono::milliseconds> wait;
  /// The partition that stands still until then; std::nullopt: none.
  std::optional<kafka::topic_partition> partition;
};
/// From the supervisor: it runs, for the first time or again, or is not this
/// node's any more.
struct actor_recovered {
  std::string actor;
};

} // namespace sluice::actors

// CAF's word for a message that is never serialised.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::partition_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::partition_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::table_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::records_counted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::golds_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::trouble_reported)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::phase_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::actor_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::actor_recovered)
