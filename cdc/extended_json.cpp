#include "cdc/extended_json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "cdc/civil_time.hpp"
#include "cdc/json_string.hpp"
#include "cdc/number.hpp"

namespace sluice::cdc {

namespace {

using topology::time_unit;

struct member {
  std::string_view name;
  value content;
};

struct members {
  std::array<member, 2> at;
  std::size_t count = 0;
};

// The members of an object that is small enough to be a wrapper.
std::optional<members> wrapper_members(const value& object) {
  members result;
  const bool all = object.document->each_member(
      object.at,
      [&](std::size_t ordinal, std::string_view name, json_document::node at) {
        if (ordinal == result.at.size() || !name.starts_with('$'))
          return false;
        result.at[result.count++] = {name, value_at(*object.document, at)};
        return true;
      });
  if (!all || result.count == 0)
    return std::nullopt;
  return result;
}

bool is_non_finite(std::string_view text) {
  return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

bool is_number_text(const value& content) {
  return content.form == value_form::string && !content.escaped
         && (is_plain_number(content.text) || is_non_finite(content.text));
}

value as_number(const value& whole, const value& content, time_unit unit) {
  auto result = whole;
  result.form = value_form::number;
  result.wrapped = wrapper::number;
  result.unit = unit;
  result.text = content.text;
  return result;
}

value as_string(const value& whole, const value& content, wrapper kind) {
  auto result = whole;
  result.form = value_form::string;
  result.wrapped = kind;
  result.text = content.text;
  result.escaped = content.escaped;
  return result;
}

value date(const value& whole, value content) {
  if (content.form == value_form::object) {
    content = unwrap_extended(content);
    if (content.wrapped != wrapper::number)
      return whole;
  }
  if (content.form == value_form::number) {
    auto result = as_number(whole, content, time_unit::ms);
    result.wrapped = wrapper::date;
    return result;
  }
  if (content.form == value_form::string)
    return as_string(whole, content, wrapper::date);
  return whole;
}

// {"$timestamp": {"t": seconds, "i": increment}}
value timestamp(const value& whole, const value& content) {
  if (content.form != value_form::object)
    return whole;
  value seconds;
  bool has_increment = false;
  const bool fits = content.document->each_member(
      content.at,
      [&](std::size_t, std::string_view name, json_document::node at) {
        const auto number = value_at(*content.document, at);
        if (name == "t")
          seconds = number;
        else if (name == "i")
          has_increment = true;
        else
          return false;
        return number.form == value_form::number;
      });
  if (!fits || !has_increment || seconds.form != value_form::number)
    return whole;
  auto result = as_number(whole, seconds, time_unit::s);
  result.wrapped = wrapper::date;
  return result;
}

value binary(const value& whole, const value& bytes, const value& subtype) {
  if (bytes.form != value_form::string || subtype.form != value_form::string)
    return whole;
  const bool is_uuid = subtype.text == "04" || subtype.text == "4";
  return as_string(whole, bytes,
                   is_uuid ? wrapper::uuid_bytes : wrapper::bytes);
}

// {"$binary": {"base64": ..., "subType": ...}}
value relaxed_binary(const value& whole, const value& content) {
  if (content.form != value_form::object)
    return whole;
  value bytes;
  value subtype;
  const bool fits = content.document->each_member(
      content.at,
      [&](std::size_t, std::string_view name, json_document::node at) {
        auto* const target = name == "base64"    ? &bytes
                             : name == "subType" ? &subtype
                                                 : nullptr;
        if (target)
          *target = value_at(*content.document, at);
        return target != nullptr;
      });
  return fits ? binary(whole, bytes, subtype) : whole;
}

value unwrap_one(const value& whole, std::string_view name,
                 const value& content) {
  if (name == "$numberLong" || name == "$numberInt" || name == "$numberDouble"
      || name == "$numberDecimal") {
    if (!is_number_text(content))
      return whole;
    auto result = as_number(whole, content, time_unit::automatic);
    if (name == "$numberDecimal")
      result.wrapped = wrapper::decimal;
    return result;
  }
  if (name == "$date")
    return date(whole, content);
  if (name == "$timestamp")
    return timestamp(whole, content);
  if (name == "$binary")
    return relaxed_binary(whole, content);
  if (content.form != value_form::string)
    return whole;
  if (name == "$oid")
    return as_string(whole, content, wrapper::object_id);
  if (name == "$uuid")
    return as_string(whole, content, wrapper::uuid);
  if (name == "$symbol" || name == "$code")
    return as_string(whole, content, wrapper::none);
  return whole;
}

// BSON allows 100 levels; this is also what bounds the recursion.
constexpr int most_levels = 128;

bool append_canonical(const value& whole, int level, std::string& to);

bool append_container(const value& whole, int level, std::string& to) {
  if (level == most_levels)
    return false;
  const bool is_object = whole.form == value_form::object;
  const auto& document = *whole.document;
  to.push_back(is_object ? '{' : '[');
  const auto start = to.size();
  const auto element = [&](json_document::node at) {
    return append_canonical(value_at(document, at), level + 1, to);
  };
  const auto separate = [&] {
    if (to.size() != start)
      to.push_back(',');
  };
  std::string scratch;
  const bool good =
      is_object ? document.each_member(
          whole.at,
          [&](std::size_t, std::string_view name, json_document::node at) {
            separate();
            const auto text = decode_string(name, scratch);
            if (!text)
              return false;
            append_json_string(*text, to);
            to.push_back(':');
            return element(at);
          })
                : document.each_element(whole.at, [&](json_document::node at) {
                    separate();
                    return element(at);
                  });
  to.push_back(is_object ? '}' : ']');
  return good;
}

// Integers as they are, doubles as their shortest text.
void append_canonical_number(std::string_view text, std::string& to) {
  double number = 0;
  const bool is_integer = text.find_first_of(".eENI") == std::string_view::npos;
  const auto [end, failure] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (is_integer || failure != std::errc{} || !std::isfinite(number)
      || end != text.data() + text.size()) {
    to.append(text);
    return;
  }
  std::array<char, 64> shortest{};
  const auto written =
      std::to_chars(shortest.data(), shortest.data() + shortest.size(), number);
  to.append(shortest.data(), written.ptr);
}

bool append_canonical(const value& whole, int level, std::string& to) {
  const auto id =
      whole.form == value_form::object ? unwrap_extended(whole) : whole;
  switch (id.form) {
  case value_form::object:
  case value_form::array:
    return append_container(id, level, to);
  case value_form::number: {
    std::int64_t milliseconds = 0;
    const auto* const end = id.text.data() + id.text.size();
    if (id.unit == time_unit::ms
        && std::from_chars(id.text.data(), end, milliseconds).ptr == end)
      to.append(format_milliseconds(milliseconds));
    else if (id.wrapped == wrapper::decimal)
      to.append(id.text);
    else
      append_canonical_number(id.text, to);
    return true;
  }
  case value_form::string: {
    std::string scratch;
    auto text = decode_string(id.text, scratch);
    if (!text)
      return false;
    std::string date_text;
    if (id.wrapped == wrapper::date) {
      if (const auto time = parse_time(*text)) {
        const auto ms = rescale(time->nanoseconds, 1, 1'000'000).value;
        // A year of nine digits is beyond what milliseconds can count.
        if (static_cast<std::int64_t>(ms) == ms) {
          date_text = format_milliseconds(static_cast<std::int64_t>(ms));
          text = date_text;
        }
      }
    }
    if (level > 0)
      append_json_string(*text, to);
    else
      to.append(*text);
    return true;
  }
  default:
    to.append(id.source());
    return true;
  }
}

} // namespace

value unwrap_extended(const value& whole) {
  if (whole.form != value_form::object)
    return whole;
  const auto found = wrapper_members(whole);
  if (!found)
    return whole;
  const auto& [first, second] = found->at;
  if (found->count == 1)
    return unwrap_one(whole, first.name, first.content);
  if (first.name == "$binary" && second.name == "$type")
    return binary(whole, first.content, second.content);
  if (first.name == "$type" && second.name == "$binary")
    return binary(whole, second.content, first.content);
  return whole;
}

bool append_canonical_id(const value& id, std::string& to) {
  return append_canonical(id, 0, to);
}

} // namespace sluice::cdc
