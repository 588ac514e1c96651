#include "kafka/position_metadata.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "kafka/crc32c.hpp"

namespace sluice::kafka {

namespace {

constexpr std::string_view magic = "sluice/2";
constexpr int hexadecimal = 16;

template <class Number>
bool parse_number(std::string_view text, Number& value, int base = 10) {
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, base);
  return !text.empty() && result.ec == std::errc{} && result.ptr == end;
}

/// Adds a difference read from `text`, at least `least`, to `offset`.
bool parse_step(std::string_view text, std::int64_t least,
                std::int64_t& offset) {
  std::int64_t step = 0;
  if (!parse_number(text, step) || step < least
      || step > std::numeric_limits<std::int64_t>::max() - offset)
    return false;
  offset += step;
  return true;
}

std::string_view next_token(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto token = rest.substr(0, end);
  rest =
      end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return token;
}

std::string in_hexadecimal(std::uint32_t number) {
  std::string digits(8, '0');
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 number, hexadecimal)
                       .ptr;
  digits.resize(static_cast<std::size_t>(end - digits.data()));
  return digits;
}

bool parse_fingerprint(std::string_view text, std::int64_t offset,
                       position_metadata& into) {
  std::int64_t back = 0;
  fingerprint print;
  if (!parse_number(next_token(text, ':'), back) || back < 1 || back > offset
      || !parse_number(next_token(text, ':'), print.timestamp_ms)
      || !parse_number(text, print.crc, hexadecimal))
    return false;
  print.offset = offset - back;
  into.last = print;
  return true;
}

bool parse_intents(std::string_view text, std::int64_t offset,
                   position_metadata& into) {
  while (!text.empty()) {
    auto item = next_token(text, ',');
    cut range;
    if (!parse_step(next_token(item, '+'), 0, offset))
      return false;
    range.lo = offset;
    if (!parse_step(item, 1, offset))
      return false;
    range.hi = offset;
    into.intents.push_back(range);
  }
  return true;
}

/// The parts of a table after its name, each with the sign in front of it.
bool parse_table_part(char sign, std::string_view text, std::int64_t& split,
                      table_position& into) {
  switch (sign) {
  case '@':
    split = into.frontier;
    if (!parse_step(text, 0, split))
      return false;
    into.frontier = split;
    return true;
  case '~':
    into.attempted = into.frontier;
    return parse_step(text, 0, *into.attempted);
  case '^':
    return parse_number(text, into.epoch);
  default:
    if (!parse_step(text, 1, split))
      return false;
    into.splits.push_back(split);
    return true;
  }
}

bool parse_tables(std::string_view text, std::int64_t offset,
                  position_metadata& into) {
  constexpr std::string_view signs = "@~^/";
  while (!text.empty()) {
    auto item = next_token(text, ',');
    table_position table;
    table.frontier = offset;
    table.epoch = into.epoch;
    auto end = std::min(item.find_first_of(signs), item.size());
    if (!parse_number(item.substr(0, end), table.table, hexadecimal))
      return false;
    auto split = offset;
    while (end < item.size()) {
      const auto sign = item[end];
      item.remove_prefix(end + 1);
      end = std::min(item.find_first_of(signs), item.size());
      if (!parse_table_part(sign, item.substr(0, end), split, table))
        return false;
    }
    into.tables.push_back(std::move(table));
  }
  return true;
}

void append_table(std::string& to, const table_position& table,
                  std::int64_t offset, std::uint16_t epoch) {
  to += in_hexadecimal(table.table);
  if (table.frontier != offset)
    to += "@" + std::to_string(table.frontier - offset);
  if (table.attempted)
    to += "~" + std::to_string(*table.attempted - table.frontier);
  if (table.epoch != epoch)
    to += "^" + std::to_string(table.epoch);
  auto before = table.frontier;
  for (const auto split : table.splits) {
    to += "/" + std::to_string(split - before);
    before = split;
  }
}

} // namespace

fingerprint fingerprint_of(const record& of) {
  const auto bytes = [](const std::optional<std::string_view>& text) {
    return std::as_bytes(std::span{text.value_or(std::string_view{})});
  };
  return {of.offset, of.timestamp_ms,
          crc32c(bytes(of.key)) ^ (crc32c(bytes(of.value)) << 1U)};
}

std::uint32_t name_hash(std::string_view name) {
  std::uint32_t hash = 2'166'136'261U;
  for (const auto each : name)
    hash = (hash ^ static_cast<unsigned char>(each)) * 16'777'619U;
  return hash;
}

std::string encode(const position_metadata& metadata, std::int64_t offset) {
  auto result = std::string{magic} + " e=" + std::to_string(metadata.epoch);
  if (metadata.partition_count > 0)
    result += " n=" + std::to_string(metadata.partition_count);
  if (metadata.pipeline != 0)
    result += " p=" + in_hexadecimal(metadata.pipeline);
  if (metadata.last)
    result += " f=" + std::to_string(offset - metadata.last->offset) + ":"
              + std::to_string(metadata.last->timestamp_ms) + ":"
              + in_hexadecimal(metadata.last->crc);
  auto separator = std::string_view{" c="};
  auto before = offset;
  for (const auto& intent : metadata.intents) {
    result += separator;
    result += std::to_string(intent.lo - before) + "+"
              + std::to_string(intent.hi - intent.lo);
    separator = ",";
    before = intent.hi;
  }
  separator = " t=";
  for (const auto& table : metadata.tables) {
    result += separator;
    append_table(result, table, offset, metadata.epoch);
    separator = ",";
  }
  return result;
}

tl::expected<position_metadata, std::string>
decode_position_metadata(std::string_view text, std::int64_t offset) {
  position_metadata result;
  if (text.empty())
    return result;
  const auto broken = [text](std::string_view why) {
    return tl::make_unexpected("the committed offset's metadata "
                               + std::string{why} + ": '"
                               + std::string{text.substr(0, 80)}
                               + "'; use another consumer group, or commit the "
                                 "offset again with empty metadata");
  };
  auto rest = text;
  if (next_token(rest, ' ') != magic)
    return broken("is not from this version of Sluice");
  while (!rest.empty()) {
    const auto field = next_token(rest, ' ');
    const auto value = field.size() > 2 ? field.substr(2) : std::string_view{};
    if (field.starts_with("e=") && !parse_number(value, result.epoch))
      return broken("has a bad epoch");
    if (field.starts_with("n=") && !parse_number(value, result.partition_count))
      return broken("has a bad partition count");
    if (field.starts_with("p=")
        && !parse_number(value, result.pipeline, hexadecimal))
      return broken("has a bad pipeline");
    if (field.starts_with("f=") && !parse_fingerprint(value, offset, result))
      return broken("has a bad fingerprint");
    if (field.starts_with("c=") && !parse_intents(value, offset, result))
      return broken("has bad cuts");
    if (field.starts_with("t=") && !parse_tables(value, offset, result))
      return broken("has bad table positions");
  }
  return result;
}

} // namespace sluice::kafka
