// The parts of a Debezium PostgreSQL envelope around a row, as version 3.7
// writes them (JSON converter without schemas).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::bench {

/// Appends a decimal number.
void append_number(std::string& text, std::int64_t number);

/// Everything in an envelope but the rows.
struct postgres_origin {
  std::string_view table;
  char operation = 'c';
  /// Position of the event in the log of changes; times and log positions grow
  /// with it.
  std::uint64_t sequence = 0;
};

/// {"before":BEFORE,"after":AFTER,"source":{...},...}. `before` and `after` are
/// JSON; `envelope` is replaced.
void write_postgres_envelope(std::string& envelope, std::string_view before,
                             std::string_view after,
                             const postgres_origin& origin);

} // namespace sluice::bench
