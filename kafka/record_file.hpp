// Files of records, one JSON object a line: what captures are written in and
// what `sluice kafka play` reads.
//
//   {"topic": "t", "partition": 0, "offset": 7, "timestamp": 1700000000000,
//    "headers": [["name", "value"]], "key": "text", "value": "text"}
//
// `key` and `value` are text or null. `key_b64` and `value_b64` stand for
// bytes, and then header values are base64, too. Everything but `topic` may be
// missing: no partition means "by the key's hash", no timestamp "now".
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "kafka/record.hpp"

namespace sluice::kafka {

/// One line. The error says what is wrong with it. The offset is read, though
/// `play` does not use it; a missing partition is -1.
[[nodiscard]] tl::expected<owned_record, std::string>
parse_record_line(std::string_view line);

/// The record as one line without the line break; text where key, value and
/// headers are all UTF-8, base64 otherwise. Reading it gives the record back.
[[nodiscard]] std::string to_record_line(const owned_record& record);

/// Reads a file line by line; blank lines are skipped.
class record_file {
public:
  [[nodiscard]] static tl::expected<record_file, std::string>
  open(const std::filesystem::path& path);

  /// The next record; std::nullopt at the end. Errors begin with
  /// "file:line: ".
  [[nodiscard]] tl::expected<std::optional<owned_record>, std::string> next();

private:
  record_file() = default;
  std::string name_;
  std::ifstream in_;
  std::size_t line_ = 0;
};

} // namespace sluice::kafka
