#include "cdc/toast.hpp"

#include <charconv>
#include <cstddef>
#include <string_view>

namespace sluice::cdc {

namespace {

constexpr std::string_view placeholder = "__debezium_unavailable_value";
constexpr std::string_view in_base64 =
    "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==";
// MD5 name-based UUID of the placeholder.
constexpr std::string_view as_uuid = "b68a35a7-17ad-35b3-af2a-ae46edb4545a";
constexpr std::string_view as_hstore_text =
    R"({\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"})";

bool is_text(std::string_view text) {
  return text == placeholder || text == in_base64;
}

bool is_array(const value& column) {
  std::size_t count = 0;
  bool is_bytes = true;
  bool is_single = true;
  column.document->each_element(column.at, [&](json_document::node at) {
    const auto element = value_at(*column.document, at);
    is_single = is_single && count == 0 && element.form == value_form::string
                && (is_text(element.text) || element.text == as_uuid);
    int code = -1;
    if (element.form == value_form::number)
      std::from_chars(element.text.data(),
                      element.text.data() + element.text.size(), code);
    is_bytes =
        is_bytes && count < placeholder.size() && code == placeholder[count];
    ++count;
    return is_bytes || is_single;
  });
  return (is_bytes && count == placeholder.size()) || (is_single && count == 1);
}

bool is_map(const value& column) {
  std::size_t count = 0;
  const bool all = column.document->each_member(
      column.at,
      [&](std::size_t, std::string_view name, json_document::node at) {
        const auto member = value_at(*column.document, at);
        return ++count == 1 && name == placeholder
               && member.form == value_form::string
               && member.text == placeholder;
      });
  return all && count == 1;
}

} // namespace

bool is_unchanged_toast(const value& column) {
  switch (column.form) {
  case value_form::string:
    return is_text(column.text) || column.text == as_hstore_text;
  case value_form::array:
    return is_array(column);
  case value_form::object:
    return is_map(column);
  default:
    return false;
  }
}

} // namespace sluice::cdc
