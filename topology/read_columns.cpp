#include <algorithm>
#include <array>

#include "topology/names.hpp"
#include "topology/read_sections.hpp"

namespace sluice::topology {

namespace {

constexpr std::string_view type_expected =
    "a ClickHouse type such as Int64 or Nullable(String)";

/// ClickHouse itself becomes slow long before.
constexpr std::size_t columns_max = 10'000;

/// The three ways to a value exclude each other.
void check_one_origin(const fields& values) {
  constexpr std::array<std::string_view, 3> origins{"from", "computed",
                                                    "constant"};
  std::string_view first;
  for (const auto origin : origins) {
    if (!values.has(origin))
      continue;
    if (first.empty())
      first = origin;
    else
      values.complain(origin, "cannot stand beside '" + std::string{first}
                                  + "': a value comes from one place");
  }
}

/// What only has a meaning for a value that is read from the record.
void check_unread(const fields& values) {
  constexpr std::array<std::string_view, 3> of_reading{"unit", "raw",
                                                       "on_invalid"};
  for (const auto key : of_reading)
    values.complain(key, "has no meaning for a column that is not read from "
                         "the record");
}

void read_origin(const fields& values, column& into) {
  into.from = into.name;
  if (const auto from = values.text("from", "the path of a value")) {
    if (const auto wrong = path_mistake(from->text))
      values.complain("from", *wrong);
    into.from = from->text;
  }
  if (auto computed = values.text("computed", "a SQL expression"))
    into.computed = std::move(computed->text);
  if (auto constant = values.text("constant", "a SQL literal"))
    into.constant = std::move(constant->text);
  check_one_origin(values);
  if (values.has("computed") || values.has("constant")) {
    into.from.clear();
    check_unread(values);
  }
}

void read_settings(const fields& values, column& into) {
  values.read_word("unit", into.unit, word_lists::unit);
  values.read_bool("raw", into.raw);
  values.read_word("on_invalid", into.invalid, word_lists::on_invalid);
  if (into.invalid == on_invalid::null
      && into.type.find("Nullable(") == std::string::npos)
    values.complain("on_invalid", "is 'null', but " + shown(into.type)
                                      + " cannot be NULL: write Nullable("
                                      + into.type + ")");
  if (into.raw && into.from.starts_with('@'))
    values.complain("raw", "keeps the text of a JSON value, and "
                               + shown(into.from) + " is none");
  if (into.raw && into.unit != time_unit::automatic)
    values.complain("unit", "has no meaning for a raw value");
}

column read_column(const entry& child, const std::string& of,
                   const reading& context) {
  column result;
  result.name = child.key;
  result.where = child.where;
  result.from = child.key;
  const auto what = "column " + shown(child.key) + " of " + of;
  if (const auto wrong = silver_column_name_mistake(child.key))
    context.found.add(child.where, "the name of " + what + " " + *wrong);
  if (child.value->kind != node_kind::map) {
    if (auto type =
            read_text_node(*child.value, place_of(child), what,
                           "a type or a map with 'type'", context.found))
      result.type = std::move(type->text);
    return result;
  }
  const fields values{*child.value, child.where, sections::column, what,
                      context.found};
  if (auto type = values.text("type", type_expected))
    result.type = std::move(type->text);
  read_origin(values, result);
  read_settings(values, result);
  return result;
}

} // namespace

std::vector<column> read_columns(const entry& child, const std::string& of,
                                 const reading& context) {
  std::vector<column> columns;
  const auto* map = read_map(child, "'columns' of " + of, false, context.found);
  if (map == nullptr)
    return columns;
  if (map->entries.size() > columns_max) {
    context.found.add(child.where, of + " has more than "
                                       + std::to_string(columns_max)
                                       + " columns");
    return columns;
  }
  for (const auto& one : map->entries)
    columns.push_back(read_column(one, of, context));
  const bool some_read =
      std::any_of(columns.begin(), columns.end(),
                  [](const column& one) { return one.is_read(); });
  if (!some_read)
    context.found.add(child.where,
                      "no column of " + of + " is read from the record");
  return columns;
}

} // namespace sluice::topology
