#include "plan/view_target.hpp"

#include <charconv>

namespace sluice::plan {

namespace {

constexpr std::string_view no_uuid = "00000000-0000-0000-0000-000000000000";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '_';
}

/// Takes identifiers and words from the front of a statement.
class statement {
public:
  explicit statement(std::string_view text) : rest_{text} {}

  /// Whether `word` comes next; then it is taken.
  bool take(std::string_view word) {
    skip_blanks();
    const auto ends =
        rest_.size() == word.size()
        || (rest_.size() > word.size() && !is_word(rest_[word.size()]));
    if (!rest_.starts_with(word) || !ends)
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  /// A plain or quoted identifier; empty when none comes next.
  std::string identifier() {
    skip_blanks();
    return rest_.starts_with('`') ? quoted() : plain();
  }

  bool take_dot() {
    if (!rest_.starts_with('.'))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

private:
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
  }

  std::string plain() {
    std::size_t size = 0;
    while (size < rest_.size() && is_word(rest_[size]))
      ++size;
    std::string result{rest_.substr(0, size)};
    rest_.remove_prefix(size);
    return result;
  }

  std::string quoted() {
    std::string result;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != '`') {
      if (rest_.front() == '\\' && rest_.size() > 1)
        rest_.remove_prefix(1);
      result += rest_.front();
      rest_.remove_prefix(1);
    }
    if (!rest_.empty())
      rest_.remove_prefix(1);
    return result;
  }

  std::string_view rest_;
};

std::optional<table_name> after_to(std::string_view create_table_query) {
  statement text{create_table_query};
  if (!text.take("CREATE") || !text.take("MATERIALIZED") || !text.take("VIEW"))
    return std::nullopt;
  (void)text.identifier();
  if (text.take_dot())
    (void)text.identifier();
  if (!text.take("TO"))
    return std::nullopt;
  auto first = text.identifier();
  if (!text.take_dot())
    return table_name{{}, first};
  return table_name{first, text.identifier()};
}

} // namespace

std::optional<std::uint64_t> engine_setting(std::string_view engine_full,
                                            std::string_view name) {
  const auto assignment = std::string{name} + " = ";
  for (auto at = engine_full.find(assignment); at != std::string_view::npos;
       at = engine_full.find(assignment, at + 1)) {
    if (at > 0 && is_word(engine_full[at - 1]))
      continue;
    auto value = engine_full.substr(at + assignment.size());
    if (value.starts_with('\''))
      value.remove_prefix(1);
    std::uint64_t number = 0;
    const auto read =
        std::from_chars(value.data(), value.data() + value.size(), number);
    if (read.ec == std::errc{})
      return number;
  }
  return std::nullopt;
}

table_name view_target(std::string_view create_table_query,
                       const table_name& view, std::string_view uuid) {
  if (auto target = after_to(create_table_query)) {
    if (target->first.empty())
      target->first = view.first;
    return std::move(*target);
  }
  if (uuid.empty() || uuid == no_uuid)
    return {view.first, ".inner." + view.second};
  return {view.first, ".inner_id." + std::string{uuid}};
}

} // namespace sluice::plan
