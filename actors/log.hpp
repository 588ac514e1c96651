// What a node tells the person who reads its standard error.
#pragma once

#include <string>
#include <string_view>

namespace sluice::actors {

/// Writes "2026-02-20T00:00:00.123Z SUBJECT TEXT" as one line to standard
/// error, at once. A sentence about the subject ("table users", "is written
/// again"); line breaks within become spaces. Thread-safe.
void log_line(std::string_view subject, std::string_view text);

} // namespace sluice::actors
