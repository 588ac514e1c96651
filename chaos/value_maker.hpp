// Values that a source database could have sent for a column. Pure.
#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

#include "silver/column_type.hpp"
#include "topology/topology.hpp"

namespace sluice::chaos {

/// A JSON value that the decoder of `format` takes for the column without
/// changing it: never NULL, always in range, times in whole days from
/// 2026-02-18 on. The same `number` gives the same value; numbers below
/// distinct_values() give different ones.
[[nodiscard]] nlohmann::ordered_json make_value(const topology::column& column,
                                                const silver::column_type& type,
                                                topology::record_format format,
                                                std::uint64_t number);

/// A time of a Date, DateTime or DateTime64 column: seconds since 1970, of a
/// Date column the day that they are in.
[[nodiscard]] nlohmann::ordered_json make_time(const topology::column& column,
                                               const silver::column_type& type,
                                               topology::record_format format,
                                               std::int64_t seconds);

/// How many different values make_value() has for the type, at most a million.
[[nodiscard]] std::uint64_t distinct_values(const silver::column_type& type);

} // namespace sluice::chaos
