// What librdkafka knows of its membership and has no plain question for.
#pragma once

#include <cstdint>
#include <string>

#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

/// The generation of the group that this client is a member of; -1: it is none
/// now.
[[nodiscard]] std::int32_t group_generation(const client& of);

/// What Kafka calls this member; empty: it has not joined, or not any more.
[[nodiscard]] std::string member_id(const client& of);

} // namespace sluice::kafka
