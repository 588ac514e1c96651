#include "gold/sql.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "gold/ddl.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::gold {

namespace {

constexpr std::array<std::string_view, 2> placeholders = {"window_start",
                                                          "window_end"};

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Length of the quoted text that begins at `from`, to the end of the text when
/// it is not closed. A backslash escapes; a doubled mark reads as two strings,
/// which comes to the same here.
std::size_t quoted_length(std::string_view text, std::size_t from) {
  const auto mark = text[from];
  for (auto i = from + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == mark)
      return i + 1 - from;
  }
  return text.size() - from;
}

/// Length of the comment that begins at `from`; 0: none does.
std::size_t comment_length(std::string_view text, std::size_t from) {
  const auto rest = text.substr(from);
  if (rest.starts_with("--") || rest.starts_with("#!")
      || rest.starts_with("# "))
    return std::min(rest.find('\n'), rest.size());
  if (!rest.starts_with("/*"))
    return 0;
  const auto end = rest.find("*/", 2);
  return end == std::string_view::npos ? rest.size() : end + 2;
}

/// The name of the placeholder `{ name }` that begins at `from`, with its
/// length; a name with a type is ClickHouse's own affair.
struct placeholder {
  std::string_view name;
  std::size_t length;
};

std::optional<placeholder> placeholder_at(std::string_view text,
                                          std::size_t from) {
  const auto end = text.find('}', from);
  if (end == std::string_view::npos)
    return std::nullopt;
  auto name = text.substr(from + 1, end - from - 1);
  while (!name.empty() && is_blank(name.front()))
    name.remove_prefix(1);
  while (!name.empty() && is_blank(name.back()))
    name.remove_suffix(1);
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front()))
      || !std::all_of(name.begin(), name.end(), is_name_character))
    return std::nullopt;
  return placeholder{name, end + 1 - from};
}

std::string unknown_placeholder(std::string_view name) {
  const auto nearest = name.find("end") != std::string_view::npos
                           ? placeholders[1]
                           : placeholders[0];
  return "the SQL has an unknown placeholder {" + std::string(name)
         + "}: did you mean {" + std::string(nearest) + "}?";
}

/// Copies SQL token by token.
class renderer {
public:
  renderer(std::string_view sql, const window& what, std::string_view zone)
      : sql_(sql), what_(what), zone_(zone) {}

  tl::expected<std::string, std::string> render() {
    while (at_ < sql_.size() && mistake_.empty())
      step();
    while (!result_.empty() && is_blank(result_.back()))
      result_.pop_back();
    if (mistake_.empty() && !has_tokens_)
      mistake_ = "the SQL is empty";
    if (!mistake_.empty())
      return tl::unexpected(mistake_);
    return result_;
  }

private:
  void step() {
    const auto c = sql_[at_];
    if (const auto length = comment_length(sql_, at_); length > 0)
      copy(length);
    else if (is_blank(c))
      copy(1);
    else if (c == ';') {
      ended_ = true;
      ++at_;
    } else
      token(c);
  }

  void token(char c) {
    has_tokens_ = true;
    if (ended_) {
      mistake_ = "the SQL has more than one statement: write one SELECT";
      return;
    }
    if (c == '\'' || c == '"' || c == '`')
      copy(quoted_length(sql_, at_));
    else if (const auto found =
                 c == '{' ? placeholder_at(sql_, at_) : std::nullopt)
      replace(*found);
    else
      copy(1);
  }

  void replace(const placeholder& found) {
    if (found.name == placeholders[0])
      result_ += time_literal(what_.start, zone_);
    else if (found.name == placeholders[1])
      result_ += time_literal(what_.end, zone_);
    else
      mistake_ = unknown_placeholder(found.name);
    at_ += found.length;
  }

  void copy(std::size_t length) {
    result_ += sql_.substr(at_, length);
    at_ += length;
  }

  std::string_view sql_;
  window what_;
  std::string_view zone_;
  std::size_t at_ = 0;
  std::string result_;
  std::string mistake_;
  bool has_tokens_ = false;
  bool ended_ = false;
};

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (const auto& name : names)
    result += (result.empty() ? "" : ", ") + name;
  return result;
}

/// The part of a column's name behind its table's.
std::string_view unqualified(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

/// Where `name` stands among the yielded columns: as it is, or else qualified.
std::vector<std::size_t> find_yielded(const std::vector<std::string>& yielded,
                                      std::string_view name) {
  std::vector<std::size_t> exact;
  std::vector<std::size_t> qualified;
  for (std::size_t i = 0; i < yielded.size(); ++i) {
    if (yielded[i] == name)
      exact.push_back(i);
    else if (unqualified(yielded[i]) == name)
      qualified.push_back(i);
  }
  return exact.empty() ? qualified : exact;
}

} // namespace

std::string time_literal(std::chrono::sys_seconds when, std::string_view zone) {
  const auto in_utc = "toDateTime64('" + format_utc(when) + "', 3, 'UTC')";
  // A text of the zone itself would be two moments where clocks are put back.
  return zone == "UTC" ? in_utc
                       : "toTimeZone(" + in_utc + ", "
                             + topology::quote_literal(zone) + ")";
}

tl::expected<std::string, std::string>
render_sql(std::string_view sql, const window& what, std::string_view zone) {
  return renderer{sql, what, zone}.render();
}

tl::expected<std::vector<std::string>, std::string>
match_result_columns(const topology::gold& g,
                     const std::vector<std::string>& yielded) {
  std::vector<std::string> result;
  std::vector<bool> used(yielded.size(), false);
  for (const auto& column : result_columns(g)) {
    const auto found = find_yielded(yielded, column.name);
    if (found.empty())
      return tl::unexpected("the SQL yields no column " + column.name
                            + " (it yields: " + joined(yielded)
                            + "): name it with AS " + column.name);
    if (found.size() > 1)
      return tl::unexpected("the SQL yields column " + column.name
                            + " twice (it yields: " + joined(yielded) + ")");
    used[found.front()] = true;
    result.push_back(yielded[found.front()]);
  }
  for (std::size_t i = 0; i < yielded.size(); ++i) {
    if (used[i])
      continue;
    if (yielded[i] == updated_at_column)
      return tl::unexpected(
          std::string("the SQL yields _updated_at, which Sluice sets itself: "
                      "leave it out of the SELECT"));
    return tl::unexpected("the SQL yields a column " + yielded[i]
                          + " that is not declared in columns");
  }
  return result;
}

} // namespace sluice::gold
