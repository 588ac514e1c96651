#include "cdc/excerpt.hpp"

namespace sluice::cdc {

std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 80;
  constexpr std::string_view hex = "0123456789abcdef";
  std::string result;
  for (const char c : text) {
    if (result.size() >= longest) {
      result += "...";
      break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      result += c;
    } else {
      result += "\\x";
      result += hex[byte >> 4U];
      result += hex[byte & 0xFU];
    }
  }
  return result;
}

std::string describe(const value& found) {
  switch (found.form) {
  case value_form::absent:
    return "no such member (absent)";
  case value_form::blocked:
    return "no object on the way but " + excerpt(found.source());
  case value_form::null:
    return "null";
  case value_form::boolean:
    return "boolean " + excerpt(found.source());
  case value_form::number:
    return "number " + excerpt(found.source());
  case value_form::string:
    return "string " + excerpt(found.source());
  case value_form::object:
    return "object " + excerpt(found.source());
  case value_form::array:
    return "array " + excerpt(found.source());
  }
  return {};
}

} // namespace sluice::cdc
