#include "topology/fields.hpp"

#include <algorithm>
#include <cassert>

#include "topology/nearest.hpp"
#include "topology/quantity.hpp"
#include "topology/secret_file.hpp"

namespace sluice::topology {

namespace {

/// More than any key or list of schedules has; looking up each one is then
/// cheap whatever the file holds.
constexpr std::size_t list_items_max = 64;

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string must_be(std::string_view expected, const std::string& found) {
  return " must be " + std::string{expected} + ", but " + found
         + " stands there";
}

std::string because(std::string_view reason) {
  return reason.empty() ? std::string{} : ": " + std::string{reason};
}

} // namespace

std::string describe(const node& value) {
  switch (value.kind) {
  case node_kind::nothing:
    return value.text.empty() ? "nothing" : shown(value.text);
  case node_kind::text:
    return shown(value.text);
  case node_kind::list:
    return "a list";
  case node_kind::map:
    return "a map";
  }
  return "something else";
}

position place_of(const entry& child) {
  const bool written =
      child.value->kind != node_kind::nothing || !child.value->text.empty();
  return written ? child.value->where : child.where;
}

std::optional<placed_text> read_text_node(const node& value, position where,
                                          const std::string& what,
                                          std::string_view expected,
                                          mistakes& found) {
  if (value.faulty)
    return std::nullopt;
  if (value.kind != node_kind::text || value.text.empty()) {
    found.add(where, what + must_be(expected, describe(value)));
    return std::nullopt;
  }
  return placed_text{value.text, value.where};
}

const node* read_map(const entry& child, const std::string& what,
                     bool may_be_empty, mistakes& found) {
  static const node empty_map{.kind = node_kind::map,
                              .where = {},
                              .text = {},
                              .faulty = false,
                              .items = {},
                              .entries = {}};
  const auto& value = *child.value;
  if (value.kind == node_kind::map && (may_be_empty || !value.entries.empty()))
    return &value;
  if (value.kind == node_kind::nothing && may_be_empty)
    return &empty_map;
  if (value.kind == node_kind::map)
    found.add(child.where, what + " is empty");
  else if (!value.faulty)
    found.add(place_of(child), what + must_be("a map", describe(value)));
  return nullptr;
}

fields::fields(const node& map, position where, const section& known,
               std::string of, mistakes& found)
    : map_{map}, known_{known}, of_{std::move(of)}, found_{found} {
  check_keys(where, known);
}

void fields::check_keys(position where, const section& known) const {
  std::vector<std::string_view> meant;
  for (const auto& child : map_.entries) {
    // Keys "x-..." at the top are the person's own: a place for anchors.
    const bool own = known.path.empty() && child.key.starts_with("x-");
    if (own || contains(known.keys, child.key))
      continue;
    if (contains(known.later, child.key)) {
      found_.add(child.where, "key " + shown(child.key) + " in " + of_
                                  + ": this version of Sluice does not have it "
                                    "yet");
      continue;
    }
    found_.add(child.where, "unknown key " + shown(child.key) + " in " + of_
                                + advice(child.key, known.keys));
    if (const auto near = nearest(child.key, known.keys))
      meant.push_back(*near);
  }
  for (const auto key : known.required) {
    // A misspelt key is one mistake, not two.
    if (map_.find(key) == nullptr && !contains(meant, key))
      found_.add(where, "missing key '" + std::string{key} + "' in " + of_);
  }
}

const entry* fields::find(std::string_view key) const {
  assert(contains(known_.keys, key));
  return map_.find(key);
}

std::string fields::name(std::string_view key) const {
  return "'" + std::string{key} + "' in " + of_;
}

void fields::complain(std::string_view key, std::string_view complaint) const {
  if (const auto* child = find(key))
    found_.add(place_of(*child), name(key) + " " + std::string{complaint});
}

std::optional<placed_text> fields::text(std::string_view key,
                                        std::string_view expected) const {
  const auto* child = find(key);
  if (child == nullptr)
    return std::nullopt;
  return read_text_node(*child->value, place_of(*child), name(key), expected,
                        found_);
}

std::optional<placed_text>
fields::secret(std::string_view key,
               const std::filesystem::path& directory) const {
  const auto* child = find(key);
  if (child == nullptr)
    return std::nullopt;
  return read_secret(*child, name(key), directory, found_);
}

std::vector<placed_text> fields::texts(std::string_view key,
                                       std::string_view expected) const {
  const auto* child = find(key);
  if (child == nullptr)
    return {};
  std::vector<placed_text> result;
  const auto append = [&](const node& value, position where) {
    auto item = read_text_node(value, where, name(key), expected, found_);
    if (!item)
      return;
    const bool repeated =
        std::any_of(result.begin(), result.end(), [&](const auto& other) {
          return other.text == item->text;
        });
    if (repeated)
      found_.add(item->where,
                 name(key) + " has " + shown(item->text) + " more than once");
    else
      result.push_back(std::move(*item));
  };
  if (child->value->kind != node_kind::list) {
    append(*child->value, place_of(*child));
    return result;
  }
  if (child->value->items.size() > list_items_max) {
    complain(key,
             "has more than " + std::to_string(list_items_max) + " entries");
    return {};
  }
  for (const auto& item : child->value->items)
    append(*item, item->where);
  return result;
}

std::optional<std::size_t> fields::word(std::string_view key,
                                        const word_list& list) const {
  const auto* child = find(key);
  if (child == nullptr || child->value->faulty)
    return std::nullopt;
  // The word null, unquoted, is YAML's null.
  const auto& text = child->value->text;
  const auto known = std::find(list.words.begin(), list.words.end(), text);
  if (known != list.words.end())
    return static_cast<std::size_t>(known - list.words.begin());
  if (contains(list.later, text)) {
    complain(key, "is " + shown(text)
                      + ": this version of Sluice does not have it yet"
                      + advice({}, list.words));
    return std::nullopt;
  }
  complain(key, text.empty()
                    ? "must be one word, but " + describe(*child->value)
                          + " stands there" + advice({}, list.words)
                    : "is " + shown(text) + ", which is unknown"
                          + advice(text, list.words));
  return std::nullopt;
}

void fields::read_bool(std::string_view key, bool& into) const {
  constexpr std::string_view expected = "true or false";
  const auto value = text(key, expected);
  if (!value)
    return;
  if (value->text == "true" || value->text == "false")
    into = value->text == "true";
  else
    complain(key, must_be(expected, shown(value->text)).substr(1));
}

void fields::read_bytes(std::string_view key, std::size_t& into,
                        const range<std::size_t>& allowed) const {
  constexpr std::string_view expected = "a size such as 64MiB or 500KB";
  const auto value = text(key, expected);
  if (!value)
    return;
  const auto bytes = parse_bytes(value->text);
  if (!bytes)
    complain(key, must_be(expected, shown(value->text)).substr(1));
  else if (*bytes < allowed.min || *bytes > allowed.max)
    complain(key, must_be("from " + bytes_to_text(allowed.min) + " to "
                              + bytes_to_text(allowed.max),
                          shown(value->text))
                          .substr(1)
                      + because(allowed.reason));
  else
    into = *bytes;
}

void fields::read_number(std::string_view key, double& into,
                         const range<double>& allowed) const {
  const auto expected = "a number from " + number_to_text(allowed.min) + " to "
                        + number_to_text(allowed.max);
  const auto value = text(key, expected);
  if (!value)
    return;
  const auto number = parse_number(value->text);
  if (!number || *number < allowed.min || *number > allowed.max)
    complain(key, must_be(expected, shown(value->text)).substr(1)
                      + because(allowed.reason));
  else
    into = *number;
}

void fields::read_duration(
    std::string_view key, std::chrono::milliseconds& into,
    const range<std::chrono::milliseconds>& allowed) const {
  constexpr std::string_view expected =
      "a duration with its unit, such as 500ms, 10s, 5 minutes, 6h or 1 day";
  const auto value = text(key, expected);
  if (!value)
    return;
  const auto duration = parse_duration(value->text);
  if (!duration)
    complain(key, must_be(expected, shown(value->text)).substr(1));
  else if (*duration < allowed.min || *duration > allowed.max)
    complain(key, must_be("from " + to_text(allowed.min) + " to "
                              + to_text(allowed.max),
                          shown(value->text))
                          .substr(1)
                      + because(allowed.reason));
  else
    into = *duration;
}

void fields::read_seconds(std::string_view key, std::chrono::seconds& into,
                          const range<std::chrono::seconds>& allowed) const {
  using std::chrono::milliseconds;
  milliseconds duration{-1};
  read_duration(key, duration, {allowed.min, allowed.max, allowed.reason});
  if (duration < milliseconds{0})
    return;
  if (duration.count() % 1000 != 0)
    complain(key, "must be whole seconds, but " + shown(to_text(duration))
                      + " stands there");
  else
    into = std::chrono::duration_cast<std::chrono::seconds>(duration);
}

std::optional<std::int64_t>
fields::count(std::string_view key, const range<std::int64_t>& allowed) const {
  const auto expected = "a whole number from " + std::to_string(allowed.min)
                        + " to " + std::to_string(allowed.max);
  const auto value = text(key, expected);
  if (!value)
    return std::nullopt;
  const auto number = parse_count(value->text);
  if (number && *number >= allowed.min && *number <= allowed.max)
    return number;
  complain(key, must_be(expected, shown(value->text)).substr(1)
                    + because(allowed.reason));
  return std::nullopt;
}

} // namespace sluice::topology
