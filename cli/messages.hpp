// What a command says besides its result: one line each, on standard error.
#pragma once

#include <string>
#include <string_view>

#include "clickhouse/error.hpp"

namespace sluice::cli {

/// Prints "sluice: `message`" and returns exit_failure.
int fail(std::string_view message);
/// Prints "sluice: `message`" and returns exit_mistake.
int refuse(std::string_view message);
/// Prints "sluice: `message`".
void note(std::string_view message);

/// ClickHouse's error in one line, with what to do about the usual ones.
[[nodiscard]] std::string explain(const clickhouse::error& failure);

} // namespace sluice::cli
