#include "kafka/position_metadata.hpp"

#include <charconv>
#include <limits>

namespace sluice::kafka {

namespace {

constexpr std::string_view magic = "sluice/1";

template <class Number>
bool parse_number(std::string_view text, Number& value) {
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc{} && result.ptr == end;
}

std::string_view next_token(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto token = rest.substr(0, end);
  rest =
      end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return token;
}

/// Turns "5,3" at offset 10 into the ends 15 and 18.
bool parse_lengths(std::string_view text, std::int64_t offset,
                   std::vector<std::int64_t>& ends) {
  while (!text.empty()) {
    std::int64_t length = 0;
    if (!parse_number(next_token(text, ','), length) || length <= 0
        || length > std::numeric_limits<std::int64_t>::max() - offset)
      return false;
    offset += length;
    ends.push_back(offset);
  }
  return true;
}

} // namespace

std::string encode(const position_metadata& metadata, std::int64_t offset) {
  auto result = std::string{magic} + " e=" + std::to_string(metadata.epoch);
  auto separator = std::string_view{" c="};
  for (const auto end : metadata.cut_ends) {
    result += separator;
    result += std::to_string(end - offset);
    separator = ",";
    offset = end;
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
    if (field.starts_with("c=")
        && !parse_lengths(value, offset, result.cut_ends))
      return broken("has bad cut lengths");
  }
  return result;
}

} // namespace sluice::kafka
