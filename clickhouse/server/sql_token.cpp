#include "clickhouse/server/sql_token.hpp"

#include <algorithm>

namespace sluice::clickhouse::server {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_'
         || static_cast<unsigned char>(c) >= 0x80;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

} // namespace

bool token::is(std::string_view keyword) const {
  return kind == token_kind::word
         && std::equal(text.begin(), text.end(), keyword.begin(), keyword.end(),
                       [](char a, char b) { return upper(a) == b; });
}

bool token::is(char symbol) const {
  return kind == token_kind::symbol && text.front() == symbol;
}

token tokenizer::next() {
  skip_space();
  if (at_ >= sql_.size())
    return {.kind = token_kind::end,
            .begin = sql_.size(),
            .end = sql_.size(),
            .text = {}};
  const char c = sql_[at_];
  if (c == '\'')
    return taken(token_kind::text, quoted_end());
  if (c == '"' || c == '`')
    return taken(token_kind::quoted_name, quoted_end());
  if (c == '$') {
    if (auto end = heredoc_end(); end != 0)
      return taken(token_kind::text, end);
  }
  if (is_word(c)) {
    auto end = at_;
    while (end < sql_.size() && is_word(sql_[end]))
      ++end;
    return taken(token_kind::word, end);
  }
  return taken(token_kind::symbol, at_ + 1);
}

std::size_t tokenizer::skip_parentheses() {
  std::size_t depth = 1;
  for (auto t = next(); t.kind != token_kind::end; t = next()) {
    if (t.is('('))
      ++depth;
    else if (t.is(')') && --depth == 0)
      return t.begin;
  }
  return sql_.size();
}

void tokenizer::skip_space() {
  while (at_ < sql_.size()) {
    const auto rest = sql_.substr(at_);
    if (is_space(rest.front()))
      ++at_;
    else if (rest.starts_with("--") || rest.starts_with("# ")
             || rest.starts_with("#!"))
      at_ = after("\n", at_);
    else if (rest.starts_with("/*"))
      at_ = after("*/", at_ + 2);
    else
      return;
  }
}

token tokenizer::taken(token_kind kind, std::size_t end) {
  token result{.kind = kind,
               .begin = at_,
               .end = end,
               .text = sql_.substr(at_, end - at_)};
  at_ = end;
  return result;
}

std::size_t tokenizer::quoted_end() const {
  const char quote = sql_[at_];
  for (auto i = at_ + 1; i < sql_.size(); ++i) {
    if (sql_[i] == '\\')
      ++i;
    else if (sql_[i] == quote) {
      if (i + 1 < sql_.size() && sql_[i + 1] == quote)
        ++i;
      else
        return i + 1;
    }
  }
  return sql_.size();
}

std::size_t tokenizer::heredoc_end() const {
  auto i = at_ + 1;
  while (i < sql_.size() && is_word(sql_[i]))
    ++i;
  if (i >= sql_.size() || sql_[i] != '$')
    return 0;
  return after(sql_.substr(at_, i + 1 - at_), i + 1);
}

std::size_t tokenizer::after(std::string_view mark, std::size_t from) const {
  auto found = sql_.find(mark, from);
  return found == std::string_view::npos ? sql_.size() : found + mark.size();
}

} // namespace sluice::clickhouse::server
