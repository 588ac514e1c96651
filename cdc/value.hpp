// One value on its way from a record into a column.
#pragma once

#include <cstdint>
#include <string_view>

#include "cdc/json_document.hpp"
#include "topology/topology.hpp"

namespace sluice::cdc {

enum class value_form : std::uint8_t {
  /// There is no such member; not the same as null.
  absent,
  /// A member on the way to it is neither an object nor null.
  blocked,
  null,
  boolean,
  number,
  string,
  object,
  array,
};

/// What is known about a value besides its form: mostly what the Extended JSON
/// wrapper around it said.
enum class wrapper : std::uint8_t {
  none,
  /// {"$numberLong": ...} and its kin.
  number,
  /// {"$numberDecimal": ...}: digits that no double has.
  decimal,
  object_id,
  date,
  uuid,
  /// Base64 text of a binary, subtype 04 (a UUID in network order) or other.
  uuid_bytes,
  bytes,
  /// No JSON at all: a header, the operation.
  plain_text,
};

/// A view; lives as long as the record and the decoder's scratch memory.
struct value {
  value_form form = value_form::absent;
  wrapper wrapped = wrapper::none;
  /// The text of a string still has JSON escapes in it.
  bool escaped = false;
  /// Of a number that says itself what it counts ({"$date": 5}).
  topology::time_unit unit = topology::time_unit::automatic;
  /// Number or boolean: its token. String: its characters.
  std::string_view text;
  /// Set when it stands in a document.
  const json_document* document = nullptr;
  json_document::node at = 0;

  /// Its JSON text as it stands in the document, for messages and `raw`.
  [[nodiscard]] std::string_view source() const {
    return document ? document->text(at) : text;
  }
};

/// The value that starts at `at`, without looking into objects or arrays.
[[nodiscard]] value value_at(const json_document& document,
                             json_document::node at);

/// Text that is not JSON (a header, the operation) as a string.
[[nodiscard]] value plain_string(std::string_view text);

/// Decimal digits as a number of `unit`.
[[nodiscard]] value plain_number(std::string_view digits,
                                 topology::time_unit unit);

} // namespace sluice::cdc
