// How long something has lasted or will last, for people. Pure.
#pragma once

#include <chrono>
#include <string>

namespace sluice::status {

/// "3.2 s", "5 min", "2 h", "4 d"; "0.0 s" for what is negative.
[[nodiscard]] std::string age_text(std::chrono::milliseconds age);

} // namespace sluice::status
