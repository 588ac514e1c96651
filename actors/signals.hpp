// SIGTERM and SIGINT as an event that the main thread waits for.
#pragma once

#include <chrono>

namespace sluice::actors {

/// Blocks SIGTERM and SIGINT in this thread and in all that it starts, and
/// ignores SIGPIPE. Call before any other thread exists.
void block_stop_signals();

/// Waits up to `longest` for one of them; true when it came.
[[nodiscard]] bool wait_for_stop(std::chrono::milliseconds longest);

/// From here on the next SIGTERM or SIGINT ends the process at once (exit code
/// 128 + signal), and so does the deadline (exit code 1), whatever else hangs.
void end_at_next_stop(std::chrono::seconds deadline);

} // namespace sluice::actors
