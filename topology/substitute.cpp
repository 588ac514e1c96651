#include "topology/substitute.hpp"

#include <algorithm>

#include "topology/mistakes.hpp"

namespace sluice::topology {

namespace {

constexpr int depth_max = 8;
constexpr std::size_t result_bytes_max = std::size_t{1} << 20U;
constexpr std::string_view opening = "${";

using expansion = tl::expected<std::string, std::string>;

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return !text.empty() && is_letter(text.front())
         && std::all_of(text.begin(), text.end(), [&](char c) {
              return is_letter(c) || (c >= '0' && c <= '9');
            });
}

/// Offset of the brace that closes the "${" that `text` begins with; npos when
/// there is none.
std::size_t closing_brace(std::string_view text) {
  int open = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with(opening)) {
      ++open;
      ++at;
    } else if (text[at] == '}' && --open == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

expansion expand(std::string_view text, const environment& env, int depth);

/// `inside` is what stands between "${" and "}".
expansion value_of(std::string_view inside, const environment& env, int depth) {
  constexpr std::string_view separator = ":-";
  const auto at = inside.find(separator);
  const std::string name{inside.substr(0, at)};
  if (!is_name(name))
    return tl::make_unexpected(
        shown("${" + std::string{inside} + "}")
        + " cannot be read: write ${NAME} or ${NAME:-default}, and $${ for ${");
  const auto value = env(name);
  if (at == std::string_view::npos) {
    if (value)
      return *value;
    return tl::make_unexpected("environment variable '" + name
                               + "' is not set: set it, or give a default: ${"
                               + name + ":-default}");
  }
  if (value && !value->empty())
    return *value;
  return expand(inside.substr(at + separator.size()), env, depth + 1);
}

expansion expand(std::string_view text, const environment& env, int depth) {
  if (depth > depth_max)
    return tl::make_unexpected("${...} is nested more than "
                               + std::to_string(depth_max) + " deep");
  std::string out;
  while (!text.empty()) {
    const auto at = std::min(text.find('$'), text.size());
    out += text.substr(0, at);
    text.remove_prefix(at);
    if (text.starts_with("$${")) {
      out += opening;
      text.remove_prefix(3);
    } else if (text.starts_with(opening)) {
      const auto end = closing_brace(text);
      if (end == std::string_view::npos)
        return tl::make_unexpected(shown(text)
                                   + " is not closed: a '}' is missing");
      auto value = value_of(text.substr(2, end - 2), env, depth);
      if (!value)
        return value;
      out += *value;
      text.remove_prefix(end + 1);
    } else if (!text.empty()) {
      out += text.front();
      text.remove_prefix(1);
    }
    if (out.size() > result_bytes_max)
      return tl::make_unexpected("the text is longer than 1 MiB once its ${...}"
                                 " are replaced");
  }
  return out;
}

} // namespace

tl::expected<std::string, std::string> substitute(std::string_view text,
                                                  const environment& env) {
  return expand(text, env, 0);
}

} // namespace sluice::topology
