// The command line: `sluice VERB ...`.
#pragma once

namespace sluice::cli {

/// Parses the arguments, runs the verb and returns the process's exit code:
/// 0 ok, 1 something outside failed, 2 a mistake in the arguments or the
/// topology. Call from the main thread before any other thread exists.
[[nodiscard]] int run_program(int argc, const char* const* argv);

} // namespace sluice::cli
