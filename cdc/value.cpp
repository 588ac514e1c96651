#include "cdc/value.hpp"

#include "cdc/json_string.hpp"

namespace sluice::cdc {

value value_at(const json_document& document, json_document::node at) {
  value result;
  result.document = &document;
  result.at = at;
  switch (document.at(at)) {
  case '{':
    result.form = value_form::object;
    break;
  case '[':
    result.form = value_form::array;
    break;
  case '"':
    result.form = value_form::string;
    result.text = document.string(at);
    result.escaped = has_escapes(result.text);
    break;
  case 'n':
    result.form = value_form::null;
    break;
  case 't':
  case 'f':
    result.form = value_form::boolean;
    result.text = document.scalar(at);
    break;
  default:
    result.form = value_form::number;
    result.text = document.scalar(at);
  }
  return result;
}

value plain_string(std::string_view text) {
  value result;
  result.form = value_form::string;
  result.wrapped = wrapper::plain_text;
  result.text = text;
  return result;
}

value plain_number(std::string_view digits, topology::time_unit unit) {
  value result;
  result.form = value_form::number;
  result.text = digits;
  result.unit = unit;
  return result;
}

} // namespace sluice::cdc
