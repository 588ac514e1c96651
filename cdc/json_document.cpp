#include "cdc/json_document.hpp"

#include <algorithm>

#include <simdjson.h>

#include "cdc/number.hpp"

namespace sluice::cdc {

namespace {

// Memory that one huge record needed is given back when a small one follows.
constexpr std::size_t kept_room = 4U << 20U;
constexpr std::size_t least_room = 4096;

// true, false, null or a number, between `begin` and the next token's start.
bool is_valid_word(const char* begin, const char* end, json_dialect dialect) {
  const auto is_space = [](char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  };
  while (is_space(end[-1]))
    --end;
  const std::string_view word(begin, static_cast<std::size_t>(end - begin));
  if (*begin == 'n')
    return word == "null";
  if (is_json_number(word))
    return true;
  return word == "true" || word == "false"
         || (dialect == json_dialect::bare_non_finite
             && (word == "NaN" || word == "Infinity" || word == "-Infinity"));
}

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
  // Locals, because the stores below could alias the members.
  const auto* const starts = tokens_.data();
  const auto* const characters = text_.data();
  auto* const closes = closes_.data();
  const auto first_of = [=](node token) { return characters[starts[token]]; };
  // With a closing bracket at the end, a look at the next token is always
  // inside the text until the outermost container is closed.
  const char last = first_of(count - 1);
  if (count > 1 && last != '}' && last != ']')
    return json_status::malformed;
  std::size_t depth = 0;
  char closing = '\0';
  for (node token = 0;;) {
    const char first = first_of(token);
    if (first == '{' || first == '[') {
      if (depth == max_json_depth || count == 1)
        return count == 1 ? json_status::malformed : json_status::too_deep;
      open_[depth++] = token++;
      closing = first == '{' ? '}' : ']';
      if (first_of(token) != closing) {
        if (first == '[')
          continue;
        if (first_of(token) != '"' || first_of(token + 1) != ':')
          return json_status::malformed;
        token += 2;
        continue;
      }
    } else {
      // A quote starts a token only where a string starts, and the first stage
      // has found its end.
      if (first != '"'
          && !is_valid_word(characters + starts[token],
                            characters + starts[token + 1], dialect))
        return json_status::malformed;
      ++token;
    }
    while (depth != 0 && token != count && first_of(token) == closing) {
      closes[open_[--depth]] = token++;
      if (depth != 0)
        closing = first_of(open_[depth - 1]) == '{' ? '}' : ']';
    }
    if (depth == 0 || token == count)
      return depth == 0 && token == count ? json_status::ok
                                          : json_status::malformed;
    if (first_of(token++) != ',')
      return json_status::malformed;
    if (closing == ']')
      continue;
    if (first_of(token) != '"' || first_of(token + 1) != ':')
      return json_status::malformed;
    token += 2;
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
