// Reads single records again, for dead letters of rows whose payload is gone.
#pragma once

#include <functional>
#include <memory>

#include "actors/interfaces.hpp"
#include "kafka/record_fetch.hpp"

namespace sluice::actors {

/// Spawn detached: it blocks. `connect` is called with the first request, and
/// again after a failure; an unreachable broker is waited for.
record_fetcher_actor::behavior_type record_fetcher(
    record_fetcher_actor::pointer self,
    std::function<
        tl::expected<std::unique_ptr<kafka::record_fetcher>, std::string>()>
        connect);

} // namespace sluice::actors
