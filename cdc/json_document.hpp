// JSON text made walkable: simdjson finds the tokens, one pass over them checks
// the grammar of the whole text, and only then is anything read from it. A
// damaged remainder can therefore never be missed, whatever members are used.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace simdjson::internal {
class dom_parser_implementation;
} // namespace simdjson::internal

namespace sluice::cdc {

enum class json_status { ok, malformed, bad_encoding, too_deep };

/// What is accepted as a number. MongoDB's older Extended JSON writes the
/// doubles NaN, Infinity and -Infinity as bare words.
enum class json_dialect { strict, bare_non_finite };

/// Containers inside one another, at most; deeper text is refused.
inline constexpr std::size_t max_json_depth = 1000;

/// The tokens of one JSON text. Reads the text where it lies and never beyond
/// its end; keeps its memory from one text to the next. Not copyable; used by
/// one thread at a time.
class json_document {
public:
  /// Position of a token: an opening bracket, or the start of a scalar.
  using node = std::uint32_t;

  json_document();
  ~json_document();
  json_document(json_document&&) noexcept;
  json_document& operator=(json_document&&) noexcept;

  /// Takes `text` in, which must outlive the use of the nodes. Accepts exactly
  /// one value by RFC 8259 (white space around it allowed, no byte order mark)
  /// in valid UTF-8. Escapes inside strings are checked when a string is
  /// decoded (json_string.hpp), not here.
  [[nodiscard]] json_status read(std::string_view text, json_dialect dialect);

  /// The root value. This and all below: only after read() said ok.
  [[nodiscard]] static constexpr node root() { return 0; }
  /// First character of the token.
  [[nodiscard]] char at(node token) const { return text_[tokens_[token]]; }
  /// Token behind the value that starts at `value`.
  [[nodiscard]] node behind(node value) const {
    const char first = at(value);
    return (first == '{' || first == '[' ? closes_[value] : value) + 1;
  }
  /// A string's characters between its quotes, escapes as they are.
  [[nodiscard]] std::string_view string(node token) const {
    const auto whole = scalar(token);
    return whole.substr(1, whole.size() - 2);
  }
  /// A scalar's characters (a string with its quotes).
  [[nodiscard]] std::string_view scalar(node token) const {
    const std::size_t begin = tokens_[token];
    std::size_t end = tokens_[token + 1];
    while (is_space(text_[end - 1]))
      --end;
    return text_.substr(begin, end - begin);
  }
  /// Number of tokens, and where each starts in the text.
  [[nodiscard]] node size() const {
    return static_cast<node>(tokens_.size() - 1);
  }
  [[nodiscard]] std::size_t position(node token) const {
    return tokens_[token];
  }
  [[nodiscard]] std::string_view text() const { return text_; }
  /// Any value's text, byte for byte.
  [[nodiscard]] std::string_view text(node value) const;

  /// Calls `visit(ordinal, name, value)` for each member of the object at
  /// `object`, in order, names with escapes as they are; stops when it returns
  /// false, and says whether it never did.
  template <class Visit>
  bool each_member(node object, Visit&& visit) const {
    node name = object + 1;
    if (at(name) == '}')
      return true;
    for (std::size_t ordinal = 0;; ++ordinal) {
      const node value = name + 2;
      if (!visit(ordinal, string(name), value))
        return false;
      const node separator = behind(value);
      if (at(separator) == '}')
        return true;
      name = separator + 1;
    }
  }

  /// The same for the elements of an array: `visit(value)`.
  template <class Visit>
  bool each_element(node array, Visit&& visit) const {
    node value = array + 1;
    if (at(value) == ']')
      return true;
    for (;;) {
      if (!visit(value))
        return false;
      const node separator = behind(value);
      if (at(separator) == ']')
        return true;
      value = separator + 1;
    }
  }

private:
  static constexpr bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }
  void make_room(std::size_t size);
  [[nodiscard]] json_status check(json_dialect dialect);

  std::unique_ptr<simdjson::internal::dom_parser_implementation> index_;
  std::size_t room_ = 0;
  std::string_view text_;
  /// Where each token starts, and the text's size behind the last.
  std::span<const std::uint32_t> tokens_;
  /// For the tokens that open a container: the token that closes it.
  std::vector<node> closes_;
  std::array<node, max_json_depth> open_{};
};

} // namespace sluice::cdc
