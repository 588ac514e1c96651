#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "gold/zone_offsets.hpp"

namespace sluice::gold {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::size_t header_size = 44;
constexpr std::size_t type_size = 6;

// Zone files may begin with a change at the Big Bang; arithmetic with offsets
// stays far from the ends of the range.
constexpr std::int64_t far_past = -(std::int64_t{1} << 55U);

/// The big-endian integer in the first bytes of `bytes`.
template <class Integer>
Integer big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, sizeof(Integer)))
    value = value << 8U | static_cast<unsigned char>(c);
  return static_cast<Integer>(value);
}

struct header {
  char version = 0;
  std::size_t utc_flags = 0;
  std::size_t standard_flags = 0;
  std::size_t leaps = 0;
  std::size_t changes = 0;
  std::size_t types = 0;
  std::size_t characters = 0;

  /// Bytes of the data that follow; a time has `time_size` of them.
  [[nodiscard]] std::size_t size(std::size_t time_size) const {
    return changes * (time_size + 1) + types * type_size + characters
           + leaps * (time_size + 4) + standard_flags + utc_flags;
  }
};

std::optional<header> read_header(std::string_view bytes) {
  if (bytes.size() < header_size || !bytes.starts_with("TZif"))
    return std::nullopt;
  const auto count = [&](std::size_t index) {
    return std::size_t{big_endian<std::uint32_t>(bytes.substr(20 + 4 * index))};
  };
  return header{bytes[4], count(0), count(1), count(2),
                count(3), count(4), count(5)};
}

/// The data block of version 2, whose times have 64 bits.
tl::expected<zone_offsets, std::string> read_changes(std::string_view data,
                                                     const header& of) {
  const auto indexes = data.substr(of.changes * 8, of.changes);
  const auto types =
      data.substr(of.changes * 9).substr(0, of.types * type_size);
  const auto offset_of = [&](std::size_t type) {
    return seconds{big_endian<std::int32_t>(types.substr(type * type_size))};
  };
  for (std::size_t type = 0; type < of.types; ++type)
    if (std::chrono::abs(offset_of(type)) >= offset_max)
      return tl::unexpected(std::string{"has an offset of more than a day"});
  zone_offsets result{offset_of(0), {}};
  std::optional<std::int64_t> before;
  for (std::size_t i = 0; i < of.changes; ++i) {
    const auto at = big_endian<std::int64_t>(data.substr(i * 8));
    const std::size_t type = static_cast<unsigned char>(indexes[i]);
    if (type >= of.types || (before && at <= *before))
      return tl::unexpected(std::string{"has changes out of order"});
    before = at;
    const auto offset = offset_of(type);
    if (at < far_past)
      result.first = offset;
    else if (at > -far_past)
      break;
    else
      result.changes.push_back({sys_seconds{seconds{at}}, offset});
  }
  return result;
}

} // namespace

tl::expected<zone_offsets, std::string>
parse_zone_file(std::string_view bytes) {
  const auto refuse = [](std::string_view why) {
    return tl::unexpected(std::string{why});
  };
  const auto first = read_header(bytes);
  if (!first)
    return refuse("is no time zone file (TZif)");
  if (first->version < '2')
    return refuse(
        "is a time zone file of version 1, which has no 64-bit times");
  if (bytes.size() < header_size + first->size(4))
    return refuse("is cut short");
  bytes.remove_prefix(header_size + first->size(4));
  const auto second = read_header(bytes);
  if (!second)
    return refuse("is cut short");
  bytes.remove_prefix(header_size);
  if (bytes.size() < second->size(8))
    return refuse("is cut short");
  if (second->types == 0)
    return refuse("has no offsets");
  if (second->leaps != 0)
    return refuse("counts leap seconds, which Kafka and ClickHouse do not");
  auto result = read_changes(bytes, *second);
  if (!result)
    return result;
  auto rule = bytes.substr(second->size(8));
  if (rule.size() < 2 || rule.front() != '\n' || rule.back() != '\n')
    return refuse("is cut short");
  rule = rule.substr(1, rule.size() - 2);
  if (!add_rule(rule, *result))
    return refuse("ends with a rule that cannot be read");
  return result;
}

} // namespace sluice::gold
