// Stands where actors/inserter.hpp is: asks the simulated ClickHouse.
#pragma once

#include <string>

#include "actors/interfaces.hpp"
#include "simulation/clickhouse_server.hpp"
#include "simulation/process.hpp"

namespace sluice::simulation {

/// To itself: ClickHouse has answered the attempt under way.
struct outcome_known {
  actors::insert_answered answer;
};

using simulated_inserter_actor =
    actors::inserter_actor::extend<caf::reacts_to<outcome_known>>;

class inserter_state {
public:
  static inline const char* name = "simulated_inserter";
  /// The writer has one attempt at a time under way in each inserter.
  caf::typed_response_promise<actors::insert_answered> under_way;
};

/// `of` and `server` must outlive it.
simulated_inserter_actor::behavior_type
inserter(simulated_inserter_actor::stateful_pointer<inserter_state> self,
         const process* of, clickhouse_server* server, std::string table);

} // namespace sluice::simulation

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::simulation::outcome_known)
