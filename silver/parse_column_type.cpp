#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "silver/column_type.hpp"
#include "silver/type_name.hpp"

namespace sluice::silver {

namespace {

using parsed = tl::expected<column_type, std::string>;

constexpr int decimal_precision_max = 38;
constexpr int datetime64_scale_max = 9;
constexpr int datetime64_scale_default = 3;
constexpr int decimal_precision_default = 10;

column_type of_kind(type_kind kind) {
  column_type type;
  type.kind = kind;
  return type;
}

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

/// `name(arguments...)`, taken apart but not understood.
struct type_call {
  std::string name;
  bool has_arguments = false;
  std::vector<std::string_view> arguments;
};

/// Splits at the commas that are in no parentheses and in no quotes;
/// std::nullopt when those do not close.
std::optional<std::vector<std::string_view>>
split_arguments(std::string_view text) {
  std::vector<std::string_view> result;
  std::size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = text[i];
    if (c == '\'')
      quoted = !quoted;
    if (quoted)
      continue;
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth < 0)
      return std::nullopt;
    if (c == ',' && depth == 0) {
      result.push_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  if (depth != 0 || quoted)
    return std::nullopt;
  result.push_back(trim(text.substr(begin)));
  return result;
}

/// The words of a name, one space between them ("DOUBLE  PRECISION").
std::string fold_spaces(std::string_view text) {
  std::string result;
  for (const auto c : text) {
    if (!is_space(c))
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  }
  return result;
}

tl::expected<type_call, std::string> take_apart(std::string_view text) {
  text = trim(text);
  const auto open = text.find('(');
  type_call result;
  result.name = fold_spaces(trim(text.substr(0, open)));
  if (result.name.empty())
    return tl::unexpected(std::string{"a type is missing"});
  if (open == std::string_view::npos)
    return result;
  if (text.back() != ')')
    return tl::unexpected("type '" + std::string{text}
                          + "' does not end with ')'");
  auto arguments =
      split_arguments(text.substr(open + 1, text.size() - open - 2));
  if (!arguments)
    return tl::unexpected("parentheses or quotes of type '" + std::string{text}
                          + "' do not match");
  result.has_arguments = true;
  result.arguments = std::move(*arguments);
  return result;
}

std::optional<int> integer(std::string_view text) {
  int value = 0;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

/// A time zone's name without its quotes. Which zones exist is the server's
/// business; what could end the quotes is not let through.
std::optional<std::string> time_zone(std::string_view text) {
  if (text.size() < 3 || text.front() != '\'' || text.back() != '\'')
    return std::nullopt;
  text = text.substr(1, text.size() - 2);
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0
           || std::string_view{"/_+-"}.find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(text, fits))
    return std::nullopt;
  return std::string{text};
}

parsed datetime(const type_call& call, type_kind kind) {
  auto type = of_kind(kind);
  auto rest = std::span{call.arguments};
  if (!rest.empty()
      && (kind == type_kind::datetime64 || !rest[0].starts_with('\''))) {
    const auto scale = integer(rest[0]);
    if (!scale || *scale < 0 || *scale > datetime64_scale_max)
      return tl::unexpected(
          call.name + " takes the digits of a second's fraction, 0 to 9, and a "
          + "time zone, for example DateTime64(6, 'UTC')");
    // ClickHouse's rule: DateTime(0) is DateTime, DateTime(3) is DateTime64(3).
    if (*scale > 0)
      type.kind = type_kind::datetime64;
    type.scale = *scale;
    rest = rest.subspan(1);
  } else if (kind == type_kind::datetime64) {
    type.scale = datetime64_scale_default;
  }
  if (!rest.empty()) {
    const auto zone = time_zone(rest[0]);
    if (!zone || rest.size() > 1)
      return tl::unexpected(call.name + " takes a time zone in single quotes, "
                            + "for example 'UTC' or 'Europe/Berlin'");
    type.timezone = *zone;
  }
  return type;
}

parsed decimal(const type_call& call, int precision_of_name) {
  auto type = of_kind(type_kind::decimal);
  std::vector<int> numbers;
  numbers.reserve(call.arguments.size());
  for (const auto argument : call.arguments)
    if (const auto number = integer(argument))
      numbers.push_back(*number);
  const auto all_read = numbers.size() == call.arguments.size();
  if (precision_of_name != 0) {
    if (!all_read || numbers.size() != 1)
      return tl::unexpected(call.name + " takes the digits after the point, "
                            + "for example " + call.name + "(2)");
    type.precision = precision_of_name;
    type.scale = numbers[0];
  } else {
    if (!all_read || numbers.size() > 2)
      return tl::unexpected(call.name + " takes the digits in all and those "
                            + "after the point, for example Decimal(10, 2)");
    type.precision = numbers.empty() ? decimal_precision_default : numbers[0];
    type.scale = numbers.size() < 2 ? 0 : numbers[1];
  }
  if (type.precision < 1 || type.precision > decimal_precision_max)
    return tl::unexpected("Decimal has 1 to 38 digits, not "
                          + std::to_string(type.precision)
                          + "; for more digits use String");
  if (type.scale < 0 || type.scale > type.precision)
    return tl::unexpected("Decimal with " + std::to_string(type.precision)
                          + " digits cannot have " + std::to_string(type.scale)
                          + " of them after the point");
  return type;
}

parsed simple_type(const type_call& call) {
  const auto family = find_type_family(call.name);
  if (!family)
    return tl::unexpected("type '" + call.name + "' is not supported; "
                          + suggest_type(call.name));
  if (family->kind == type_kind::decimal)
    return decimal(call, family->precision);
  if (family->kind == type_kind::datetime
      || family->kind == type_kind::datetime64)
    return datetime(call, family->kind);
  const auto length = family->takes_length && call.arguments.size() == 1
                      && integer(call.arguments[0]).has_value();
  if (call.has_arguments && !length)
    return tl::unexpected("type " + call.name + " takes no arguments");
  return of_kind(family->kind);
}

parsed parse(std::string_view text, bool inner);

parsed nullable(std::string_view argument) {
  auto inner = parse(argument, true);
  if (!inner)
    return inner;
  if (inner->nullable || inner->low_cardinality)
    return tl::unexpected(
        "Nullable(" + inner->name() + ") is no ClickHouse type; "
        + (inner->low_cardinality ? "write LowCardinality(Nullable(String))"
                                  : "write " + inner->name()));
  inner->nullable = true;
  return inner;
}

parsed low_cardinality(std::string_view argument) {
  auto inner = parse(argument, true);
  if (!inner)
    return inner;
  if (inner->kind != type_kind::string || inner->low_cardinality)
    return tl::unexpected("LowCardinality(" + inner->name()
                          + ") is not supported; use LowCardinality(String), "
                          + "LowCardinality(Nullable(String)) or "
                          + inner->name());
  inner->low_cardinality = true;
  return inner;
}

parsed array(std::string_view argument) {
  auto inner = parse(argument, true);
  if (!inner)
    return inner;
  auto type = of_kind(type_kind::array);
  type.element = std::make_shared<const column_type>(std::move(*inner));
  return type;
}

/// `inner`: inside Nullable, LowCardinality or Array, where no array may be.
parsed parse(std::string_view text, bool inner) {
  auto call = take_apart(text);
  if (!call)
    return tl::unexpected(std::move(call.error()));
  const auto wraps = call->name == "Nullable" || call->name == "Array"
                     || call->name == "LowCardinality";
  if (!wraps)
    return simple_type(*call);
  if (call->arguments.size() != 1 || call->arguments[0].empty())
    return tl::unexpected(call->name + " takes one type, for example "
                          + call->name + "(String)");
  const auto argument = call->arguments[0];
  if (call->name == "Nullable")
    return nullable(argument);
  if (call->name == "LowCardinality")
    return low_cardinality(argument);
  if (inner)
    return tl::unexpected(
        std::string{"an Array inside another type is not supported; use Array "
                    "of a simple type, or String with raw: true"});
  return array(argument);
}

} // namespace

parsed parse_column_type(std::string_view name) {
  // Longer than any name of a supported type; bounds the nesting, too.
  constexpr std::size_t name_size_max = 256;
  if (name.size() > name_size_max)
    return tl::unexpected(
        std::string{"a type's name of more than 256 characters is not "
                    "supported; for nested data use String with raw: true"});
  return parse(name, false);
}

} // namespace sluice::silver
