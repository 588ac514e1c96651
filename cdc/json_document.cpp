#include "cdc/json_document.hpp"

#include <algorithm>

#include <simdjson.h>

#include "cdc/number.hpp"

namespace sluice::cdc {

namespace {

// Memory that one huge record needed is given back when a small one follows.
constexpr std::size_t kept_room = 4U << 20U;
constexpr std::size_t least_room = 4096;

} // namespace

json_document::json_document() = default;
json_document::~json_document() = default;
json_document::json_document(json_document&&) noexcept = default;
json_document& json_document::operator=(json_document&&) noexcept = default;

void json_document::make_room(std::size_t size) {
  const bool fits = index_ && size <= room_;
  if (fits && (room_ <= kept_room || size * 4 > room_))
    return;
  room_ = least_room;
  while (room_ < size)
    room_ *= 2;
  // The first stage alone: the later ones build a tree or read values lazily,
  // and neither gives positions, exact number text and whole-text checks.
  if (simdjson::get_active_implementation()->create_dom_parser_implementation(
          room_, 1, index_)
      != simdjson::SUCCESS)
    throw std::bad_alloc();
  closes_ = std::vector<node>();
}

json_status json_document::read(std::string_view text, json_dialect dialect) {
  if (text.empty())
    return json_status::malformed;
  make_room(text.size());
  text_ = text;
  const auto failure =
      index_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                     text.size(), simdjson::stage1_mode::regular);
  if (failure == simdjson::UTF8_ERROR)
    return json_status::bad_encoding;
  if (failure != simdjson::SUCCESS)
    return json_status::malformed;
  // The first stage writes the text's size behind the last token.
  const std::size_t count = index_->n_structural_indexes;
  tokens_ = {index_->structural_indexes.get(), count + 1};
  if (closes_.size() < count)
    closes_.resize(std::max(count, closes_.size() * 2));
  return check(dialect);
}

json_status json_document::check(json_dialect dialect) {
  const auto count = static_cast<node>(tokens_.size() - 1);
  const char last = at(count - 1);
  if (count == 1)
    return is_valid_scalar(0, dialect) ? json_status::ok
                                       : json_status::malformed;
  // With a closing bracket at the end, a look at the next token is always
  // inside the text until the outermost container is closed.
  if (last != '}' && last != ']')
    return json_status::malformed;
  std::size_t depth = 0;
  node token = 0;
  for (;;) {
    const char first = at(token);
    if (first == '{' || first == '[') {
      if (depth == max_json_depth)
        return json_status::too_deep;
      open_[depth++] = token++;
      const bool is_empty = at(token) == (first == '{' ? '}' : ']');
      if (!is_empty && first == '{' && !step_over_name(token))
        return json_status::malformed;
      if (!is_empty)
        continue;
    } else if (!is_valid_scalar(token++, dialect)) {
      return json_status::malformed;
    }
    for (;; ++token) {
      if (depth == 0 || token == count)
        return depth == 0 && token == count ? json_status::ok
                                            : json_status::malformed;
      const node open = open_[depth - 1];
      if (at(token) != (at(open) == '{' ? '}' : ']'))
        break;
      closes_[open] = token;
      --depth;
    }
    if (at(token++) != ',')
      return json_status::malformed;
    if (at(open_[depth - 1]) == '{' && !step_over_name(token))
      return json_status::malformed;
  }
}

bool json_document::step_over_name(node& token) const {
  if (at(token) != '"' || at(token + 1) != ':'
      || !is_valid_scalar(token, json_dialect::strict))
    return false;
  token += 2;
  return true;
}

bool json_document::is_valid_scalar(node token, json_dialect dialect) const {
  const auto text = scalar(token);
  switch (text.front()) {
  case '"':
    return text.size() >= 2 && text.back() == '"';
  case 't':
    return text == "true";
  case 'f':
    return text == "false";
  case 'n':
    return text == "null";
  default:
    if (is_json_number(text))
      return true;
    return dialect == json_dialect::bare_non_finite
           && (text == "NaN" || text == "Infinity" || text == "-Infinity");
  }
}

std::string_view json_document::text(node value) const {
  const char first = at(value);
  if (first != '{' && first != '[')
    return scalar(value);
  const std::size_t begin = tokens_[value];
  return text_.substr(begin, tokens_[closes_[value]] + 1 - begin);
}

} // namespace sluice::cdc
