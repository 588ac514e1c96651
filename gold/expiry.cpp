#include "gold/expiry.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "gold/sql.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold {

namespace {

/// What may stand behind a TTL's expression; "" stands for nothing.
constexpr std::array<std::string_view, 6> behind = {
    "DELETE", "WHERE", "TO", "RECOMPRESS", "GROUP", "SET"};

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string upper(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return result;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return std::string{
      text.substr(first, text.find_last_not_of(blank) - first + 1)};
}

/// One rule: its expression, and the first of the words behind it.
struct rule {
  std::string expression;
  std::string word;
};

class rules {
public:
  explicit rules(std::string_view ttl) : ttl_{ttl} {}

  std::vector<rule> read() {
    while (at_ < ttl_.size())
      step();
    end_rule(ttl_.size());
    return std::move(result_);
  }

private:
  void step() {
    const auto c = ttl_[at_];
    if (c == '\'' || c == '`' || c == '"') {
      const auto end = ttl_.find(c, at_ + 1);
      at_ = end == std::string_view::npos ? ttl_.size() : end + 1;
      return;
    }
    if (is_word_character(c))
      return word();
    depth_ += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth_ == 0)
      end_rule(at_);
    ++at_;
  }

  void word() {
    const auto begin = at_;
    while (at_ < ttl_.size() && is_word_character(ttl_[at_]))
      ++at_;
    const auto text = upper(ttl_.substr(begin, at_ - begin));
    if (depth_ != 0 || !word_.empty()
        || std::ranges::find(behind, text) == behind.end())
      return;
    word_ = text;
    expression_ = trimmed(ttl_.substr(begin_, begin - begin_));
  }

  void end_rule(std::size_t end) {
    // GROUP BY a, b SET ... has commas of its own.
    if (word_.empty())
      expression_ = trimmed(ttl_.substr(begin_, end - begin_));
    if (!expression_.empty())
      result_.push_back({expression_, word_});
    begin_ = end + 1;
    expression_.clear();
    word_.clear();
  }

  std::string_view ttl_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  int depth_ = 0;
  std::string expression_;
  std::string word_;
  std::vector<rule> result_;
};

} // namespace

std::vector<std::string> deletion_times(std::string_view ttl) {
  std::vector<std::string> result;
  auto groups = false;
  for (auto& each : rules{ttl}.read()) {
    groups = groups || each.word == "GROUP";
    const auto deletes =
        each.word.empty() || each.word == "DELETE" || each.word == "WHERE";
    if (deletes && !groups)
      result.push_back(std::move(each.expression));
  }
  return result;
}

std::optional<std::string> expiry_question(const topology::gold& g,
                                           const window& what) {
  const auto times = deletion_times(g.window.over_ttl);
  if (times.empty())
    return std::nullopt;
  std::string any;
  for (const auto& each : times)
    any += (any.empty() ? "" : " OR ") + ("(" + each + ") <= now()");
  return "SELECT " + any + "\nFROM (\n  SELECT CAST("
         + time_literal(what.start, g.timezone) + " AS " + g.window.over_type
         + ") AS " + topology::quote_identifier(g.window.over_column) + "\n)";
}

} // namespace sluice::gold
