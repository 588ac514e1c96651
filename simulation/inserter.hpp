// Stands where actors/inserter.hpp is: asks the simulated ClickHouse.
#pragma once

#include <string>

#include "actors/interfaces.hpp"
#include "simulation/clickhouse_server.hpp"
#include "simulation/process.hpp"

namespace sluice::simulation {

/// To itself: ClickHouse has answered what is under way.
struct inserted {
  actors::insert_answered answer;
};
struct rows_known {
  actors::rows_told answer;
};
struct newest_known {
  actors::newest_told answer;
};

using simulated_inserter_actor =
    actors::inserter_actor::extend<caf::reacts_to<inserted>,
                                   caf::reacts_to<rows_known>,
                                   caf::reacts_to<newest_known>>;

/// The writer has one request at a time under way in each inserter.
class inserter_state {
public:
  static inline const char* name = "simulated_inserter";
  caf::typed_response_promise<actors::insert_answered> insert;
  caf::typed_response_promise<actors::rows_told> rows;
  caf::typed_response_promise<actors::newest_told> newest;
};

/// `of` and `server` must outlive it.
simulated_inserter_actor::behavior_type
inserter(simulated_inserter_actor::stateful_pointer<inserter_state> self,
         const process* of, clickhouse_server* server,
         const std::string& table);

} // namespace sluice::simulation

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::simulation::inserted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::simulation::rows_known)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::simulation::newest_known)
