// Cuts ClickHouse SQL into tokens, as far as the HTTP server must understand a
// statement: where it ends, which FORMAT it asks for, where its data begin.
#pragma once

#include <cstddef>
#include <string_view>

namespace sluice::clickhouse::server {

enum class token_kind {
  end,
  /// A bare identifier or keyword, or a number.
  word,
  /// "x" or `x`.
  quoted_name,
  /// 'x', or a heredoc $$x$$.
  text,
  /// One character of anything else.
  symbol
};

struct token {
  token_kind kind = token_kind::end;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view text;

  /// Whether it is the keyword `upper`, in any case of letters.
  [[nodiscard]] bool is(std::string_view upper) const;
  [[nodiscard]] bool is(char symbol) const;
};

/// Reads tokens from left to right and skips white space and comments. An
/// unterminated string or comment reaches to the end of the text: ClickHouse
/// itself will say what is wrong with it. Copies are independent positions.
class tokenizer {
public:
  explicit tokenizer(std::string_view sql) : sql_(sql) {
    // nop
  }
  token next();
  /// The next token without taking it.
  [[nodiscard]] token peek() const { return tokenizer{*this}.next(); }
  /// After the `(` that was just taken: skips to behind its `)`. Returns where
  /// that `)` begins, or the end of the text.
  std::size_t skip_parentheses();

private:
  void skip_space();
  [[nodiscard]] token taken(token_kind kind, std::size_t end);
  [[nodiscard]] std::size_t quoted_end() const;
  [[nodiscard]] std::size_t heredoc_end() const;
  [[nodiscard]] std::size_t after(std::string_view mark,
                                  std::size_t from) const;

  std::string_view sql_;
  std::size_t at_ = 0;
};

} // namespace sluice::clickhouse::server
