// Values into Bool, integer, float and Decimal columns. Strings must come with
// their escapes decoded.
#pragma once

#include <cstdint>
#include <string>

#include "cdc/conversion.hpp"
#include "cdc/number.hpp"
#include "cdc/value.hpp"

namespace sluice::cdc {

/// Whole numbers from JSON numbers and numeric strings; a number that is not
/// whole is inexact. true and false are 1 and 0 in columns of 8 bits, because
/// MySQL's TINYINT(1) arrives as either. `least` and `most` are the type's.
[[nodiscard]] conversion<int128> to_integer(const value& from, int128 least,
                                            int128 most, bool is_byte);

/// true, false, 0 and 1.
[[nodiscard]] conversion<std::uint8_t> to_boolean(const value& from);

/// The nearest float: rounding is what such a column means. Strings: numeric
/// ones, "NaN", "Infinity", "-Infinity" and Debezium's "NAN",
/// "POSITIVE_INFINITY", "NEGATIVE_INFINITY".
[[nodiscard]] conversion<double> to_float64(const value& from);
[[nodiscard]] conversion<float> to_float32(const value& from);

/// How the text of a Decimal is to be read.
struct decimal_target {
  int precision = 38;
  int scale = 0;
};

/// The unscaled integer of a Decimal(precision, scale), from
///   - a JSON number or an Extended JSON one, exactly;
///   - a string with base64 of a big-endian two's complement integer, which
///     has the column's scale (Kafka Connect's Decimal);
///   - {"scale": n, "value": base64} (Debezium's VariableScaleDecimal);
///   - a string with plain digits (decimal.handling.mode=string). Digits only,
///     in a multiple of four, could also be base64: they are taken for base64
///     if the column has a scale, as text would show its point, and are refused
///     otherwise.
/// `scratch` is overwritten.
[[nodiscard]] conversion<int128> to_decimal(const value& from,
                                            const decimal_target& target,
                                            std::string& scratch);

} // namespace sluice::cdc
