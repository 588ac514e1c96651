// Where the JSON scalar that starts here ends, for whoever knows that one
// starts here: eight characters at a time, and exactly the grammar that
// json_document checks.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <simdjson.h>

namespace sluice::cdc {

static_assert(std::endian::native == std::endian::little,
              "the lowest byte of a word is the first character");

namespace word {

inline constexpr std::uint64_t ones = 0x0101010101010101U;
inline constexpr std::uint64_t highs = 0x8080808080808080U;

inline std::uint64_t load(const char* at) {
  std::uint64_t result = 0;
  std::memcpy(&result, at, sizeof result);
  return result;
}

/// The high bit of each byte that is 0; above the lowest such byte there may be
/// wrong ones (Alan Mycroft's test, in Anderson's "Bit Twiddling Hacks").
inline std::uint64_t zeros(std::uint64_t of) {
  return (of - ones) & ~of & highs;
}

inline std::uint64_t equal(std::uint64_t of, char c) {
  return zeros(of ^ (ones * static_cast<unsigned char>(c)));
}

/// The same for bytes below `limit` (at most 128).
inline std::uint64_t below(std::uint64_t of, unsigned limit) {
  return (of - ones * limit) & ~of & highs;
}

/// Index of the lowest marked byte.
inline std::size_t first(std::uint64_t marks) {
  return static_cast<std::size_t>(std::countr_zero(marks)) / 8U;
}

} // namespace word

struct scanned_string {
  /// At the closing quote; nullptr: there is none, or the text is no JSON.
  const char* end = nullptr;
  bool escaped = false;
};

/// The string whose first character (behind the quote) is at `at`. Escapes are
/// not looked into.
[[nodiscard]] inline scanned_string scan_string(const char* at,
                                                const char* end) {
  const char* const begin = at;
  scanned_string result;
  std::uint64_t beyond_ascii = 0;
  for (;;) {
    while (end - at >= 8) {
      const auto eight = word::load(at);
      const auto stops = word::equal(eight, '"') | word::equal(eight, '\\')
                         | word::below(eight, 0x20);
      if (stops != 0) {
        const auto length = word::first(stops);
        beyond_ascii |= eight & word::highs & ((stops & (~stops + 1)) - 1);
        at += length;
        break;
      }
      beyond_ascii |= eight & word::highs;
      at += 8;
    }
    while (at != end && *at != '"' && *at != '\\'
           && static_cast<unsigned char>(*at) >= 0x20) {
      beyond_ascii |= static_cast<unsigned char>(*at) & 0x80U;
      ++at;
    }
    if (at == end || (*at != '"' && (*at != '\\' || end - at < 2)))
      return {};
    if (*at == '"')
      break;
    result.escaped = true;
    // What is escaped may be a quote; a control character may not.
    if (static_cast<unsigned char>(at[1]) < 0x20)
      return {};
    beyond_ascii |= static_cast<unsigned char>(at[1]) & 0x80U;
    at += 2;
  }
  if (beyond_ascii != 0
      && !simdjson::validate_utf8(begin, static_cast<std::size_t>(at - begin)))
    return {};
  result.end = at;
  return result;
}

/// Behind the last of the digits from `at` on.
[[nodiscard]] inline const char* skip_digits(const char* at, const char* end) {
  while (end - at >= 8) {
    // '0'..'9' become 0..9, everything else more; no byte carries into the
    // next, because what could is 0x80 and above and marked itself.
    const auto eight = word::load(at) ^ (word::ones * '0');
    const auto others =
        (((eight & ~word::highs) + word::ones * (0x80 - 10)) | eight)
        & word::highs;
    if (others != 0)
      return at + word::first(others);
    at += 8;
  }
  while (at != end && *at >= '0' && *at <= '9')
    ++at;
  return at;
}

/// Behind the fraction and the exponent that may follow the digits before `at`;
/// nullptr: one begins there and has no digits.
[[nodiscard]] inline const char* scan_fraction_and_exponent(const char* at,
                                                            const char* end) {
  if (at != end && *at == '.') {
    const auto* fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction)
      return nullptr;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-'))
      ++at;
    const auto* exponent = at;
    at = skip_digits(at, end);
    if (at == exponent)
      return nullptr;
  }
  return at;
}

/// Behind the number (RFC 8259, section 6) at `at`; nullptr: none is there.
/// What follows it is not looked at.
[[nodiscard]] inline const char* scan_number(const char* at, const char* end) {
  if (at != end && *at == '-')
    ++at;
  const auto* whole = at;
  at = skip_digits(at, end);
  if (at == whole || (*whole == '0' && at - whole > 1))
    return nullptr;
  return scan_fraction_and_exponent(at, end);
}

/// Whether the text at `at` begins with `word`; both are compared in words of
/// eight characters where they have so many.
[[nodiscard]] inline bool begins_with(const char* at, const char* end,
                                      std::string_view with) {
  const auto size = with.size();
  if (static_cast<std::size_t>(end - at) < size)
    return false;
  if (size < 8 || size > 64)
    return std::memcmp(at, with.data(), size) == 0;
  std::uint64_t differ = 0;
  for (std::size_t i = 0; i + 8 <= size; i += 8)
    differ |= word::load(at + i) ^ word::load(with.data() + i);
  differ |= word::load(at + size - 8) ^ word::load(with.data() + size - 8);
  return differ == 0;
}

} // namespace sluice::cdc
