// Dead letters as text and JSON. Pure.
#pragma once

#include <optional>
#include <string>

#include "cli/dlq_index.hpp"
#include "cli/dlq_topic.hpp"

namespace sluice::cli {

/// Reads the offsets that were given as text into the choice. The complaint in
/// one line, if any.
[[nodiscard]] std::optional<std::string> complete(dlq_arguments& arguments);

/// "users/3 offset 42 (table users)", with the epoch when it is not 0.
[[nodiscard]] std::string to_string(const letter_id& id);

/// One object in one line: topic, partition, offset, epoch, table, reason,
/// detail, timestamp_ms, copies.
[[nodiscard]] std::string letter_json(const letter_id& id,
                                      const listed_letter& letter);

/// Everything about one letter for people; key, value and headers as they are
/// when they are text (UTF-8 without control characters), else in hexadecimal.
/// Ends with a line feed.
[[nodiscard]] std::string letter_text(const kafka::dead_letter& letter);

/// The same as one JSON object in one line. Bytes that are no text are under
/// key_hex, value_hex and headers[].value_hex; what is null is null.
[[nodiscard]] std::string letter_json(const kafka::dead_letter& letter);

} // namespace sluice::cli
