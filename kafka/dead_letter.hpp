// What is kept of a record that cannot be decoded: its original bytes and,
// as headers, where it came from and why it was refused.
#pragma once

#include <string_view>

#include "kafka/record.hpp"

namespace sluice::kafka {

/// The record to put on the dead-letter topic: key, value, timestamp and
/// headers of the original, and the headers sluice.topic, sluice.partition,
/// sluice.offset, sluice.table, sluice.reason, sluice.detail. Topic and
/// partition are left to the sink (empty, negative).
[[nodiscard]] owned_record make_dead_letter(const topic_partition& where,
                                            const record& original,
                                            std::string_view table,
                                            std::string_view reason,
                                            std::string_view detail);

} // namespace sluice::kafka
