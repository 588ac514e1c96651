#include "bench/postgres_envelope.hpp"

#include <array>
#include <charconv>

namespace sluice::bench {

namespace {

/// 2026-03-01 00:00 UTC, in microseconds; one event each 37 us from then on.
constexpr std::int64_t first_us = 1'772'323'200'000'000;
constexpr std::int64_t spacing_us = 37;
/// Between the change and Debezium's having read it.
constexpr std::int64_t delay_us = 413'271;
constexpr std::int64_t first_lsn = 26'922'912'384;
constexpr std::int64_t bytes_per_change = 288;

void append_times(std::string& text, std::int64_t time_us) {
  text += "\"ts_ms\":";
  append_number(text, time_us / 1000);
  text += ",\"ts_us\":";
  append_number(text, time_us);
  text += ",\"ts_ns\":";
  append_number(text, time_us * 1000);
}

void append_source(std::string& text, std::string_view table,
                   std::int64_t time_us, std::int64_t sequence) {
  const auto lsn = first_lsn + sequence * bytes_per_change;
  text += "\"source\":{\"version\":\"3.7.0.Final\",\"connector\":\"postgresql\""
          ",\"name\":\"postgres\",\"ts_ms\":";
  append_number(text, time_us / 1000);
  text += ",\"snapshot\":\"false\",\"db\":\"commerce\",\"sequence\":\"[\\\"";
  append_number(text, lsn - bytes_per_change);
  text += "\\\",\\\"";
  append_number(text, lsn);
  text += "\\\"]\",\"ts_us\":";
  append_number(text, time_us);
  text += ",\"ts_ns\":";
  append_number(text, time_us * 1000);
  text += ",\"schema\":\"public\",\"table\":\"";
  text += table;
  text += "\",\"txId\":";
  append_number(text, 749'000 + sequence / 3);
  text += ",\"lsn\":";
  append_number(text, lsn);
  text += ",\"xmin\":null}";
}

} // namespace

void append_number(std::string& text, std::int64_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  text.append(digits.begin(), end);
}

void write_postgres_envelope(std::string& envelope, std::string_view before,
                             std::string_view after,
                             const postgres_origin& origin) {
  const auto sequence = static_cast<std::int64_t>(origin.sequence);
  const auto time_us = first_us + sequence * spacing_us;
  envelope = "{\"before\":";
  envelope += before;
  envelope += ",\"after\":";
  envelope += after;
  envelope += ',';
  append_source(envelope, origin.table, time_us, sequence);
  envelope += ",\"transaction\":null,\"op\":\"";
  envelope += origin.operation;
  envelope += "\",";
  append_times(envelope, time_us + delay_us);
  envelope += '}';
}

} // namespace sluice::bench
