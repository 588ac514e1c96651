// MongoDB Extended JSON: version 1 strict, version 2 relaxed and canonical, all
// accepted everywhere, because one change event mixes them.
// https://github.com/mongodb/specifications (extended-json)
#pragma once

#include <string>

#include "cdc/value.hpp"

namespace sluice::cdc {

/// What a wrapper object stands for: {"$numberLong": "5"} is the number 5,
/// {"$oid": "..."} a string, {"$date": ...} a number of milliseconds or an
/// ISO-8601 string. An object is a wrapper only if its members are exactly a
/// wrapper's and their types fit; anything else comes back as it was.
[[nodiscard]] value unwrap_extended(const value& whole);

/// One text for an `_id`, whichever dialect it is written in: the characters of
/// a string, the digits of an ObjectId or a number (1, 1.0 and
/// {"$numberLong": "1"} are one `_id` to MongoDB), ISO-8601 for a date, compact
/// relaxed JSON for a document. A string and a number with the same characters
/// give the same text. False: an escape that is no text, or a document deeper
/// than MongoDB allows.
[[nodiscard]] bool append_canonical_id(const value& id, std::string& to);

} // namespace sluice::cdc
