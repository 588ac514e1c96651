// What comes of converting a value to a column's type: the value itself, or why
// not and the nearest value that the column could hold.
#pragma once

#include <cstdint>

namespace sluice::cdc {

enum class fit : std::uint8_t {
  exact,
  /// `nearest` holds the closest value of the type.
  out_of_range,
  /// Finer than the column; `nearest` holds the value without the rest.
  inexact,
  wrong_type,
  bad_encoding,
};

template <class T>
struct conversion {
  fit what = fit::wrong_type;
  T nearest{};
  /// For people, what to do about it; empty if there is nothing to say.
  const char* hint = "";
};

} // namespace sluice::cdc
