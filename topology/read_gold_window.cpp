#include <array>
#include <optional>

#include "topology/named.hpp"
#include "topology/nearest.hpp"
#include "topology/quantity.hpp"
#include "topology/read_sections.hpp"

namespace sluice::topology {

namespace {

using namespace std::chrono_literals;

/// Windows that one event time may be in.
constexpr std::int64_t overlap_max = 1000;

/// `over:` is TABLE.COLUMN of a silver table.
void read_over(const fields& values, gold_window& into,
               const std::vector<table>& tables) {
  const auto over = values.text("over", "TABLE.COLUMN");
  if (!over)
    return;
  const std::string_view text{over->text};
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) {
    values.complain("over", "must be TABLE.COLUMN, but " + shown(text)
                                + " stands there");
    return;
  }
  into.over_table = text.substr(0, dot);
  into.over_column = text.substr(dot + 1);
  if (tables.empty())
    return;
  const auto* source = find_named(tables, into.over_table);
  if (source == nullptr) {
    values.complain("over", "names the table " + shown(into.over_table)
                                + ", which is not under 'tables'"
                                + advice(into.over_table, names_of(tables)));
    return;
  }
  if (source->columns.empty())
    return;
  const auto* time = find_named(source->columns, into.over_column);
  if (time == nullptr)
    values.complain("over",
                    "names " + shown(into.over_column)
                        + ", which is no column of " + shown(into.over_table)
                        + advice(into.over_column, names_of(source->columns)));
  else if (!time->type.empty() && time->type.find("Date") == std::string::npos)
    values.complain("over", "names " + shown(text) + ", which is "
                                + shown(time->type)
                                + " and no Date, DateTime or DateTime64");
  if (time != nullptr)
    into.over_type = time->type;
  into.over_ttl = source->ttl;
}

struct unit_names {
  window_unit unit;
  std::array<std::string_view, 3> names;
  /// Nominal.
  std::chrono::seconds length;
};

constexpr std::array<unit_names, 3> calendar_units{{
    {window_unit::day, {"day", "days", "d"}, 24h},
    {window_unit::week, {"week", "weeks", "w"}, 7 * 24h},
    {window_unit::month, {"month", "months", {}}, 30 * 24h},
}};

/// One day, week or month: "day", "1 day".
const unit_names* find_calendar_unit(std::string_view text) {
  const bool counted = text.starts_with('1');
  if (counted)
    text.remove_prefix(1);
  while (counted && text.starts_with(' '))
    text.remove_prefix(1);
  for (const auto& each : calendar_units)
    for (const auto name : each.names)
      if (!name.empty() && name == text
          && (counted || name == each.names.front()))
        return &each;
  return nullptr;
}

/// Whether there is a length to go on with.
bool read_every(const fields& values, gold_window& into) {
  const auto* every = values.find("every");
  if (every == nullptr)
    return false;
  const auto* calendar = every->value->kind == node_kind::text
                             ? find_calendar_unit(every->value->text)
                             : nullptr;
  if (calendar != nullptr) {
    into.unit = calendar->unit;
    into.every = calendar->length;
    return true;
  }
  auto length = 0s;
  values.read_seconds("every", length, {1s, 24h * 3660, {}});
  if (length == 0s)
    return false;
  into.every = length;
  return true;
}

void read_hop(const fields& values, gold_window& into) {
  if (!values.has("hop"))
    return;
  if (into.unit != window_unit::fixed) {
    values.complain("hop",
                    "needs windows of a fixed length: days, weeks and months "
                    "of the calendar do not overlap (write 'every: 24h' for "
                    "a day of 24 hours)");
    return;
  }
  auto hop = into.every;
  values.read_seconds("hop", hop, {1s, 24h * 3660, {}});
  if (into.every % hop != 0s)
    values.complain("hop", "must divide 'every', " + to_text(into.every)
                               + ", but " + to_text(hop) + " stands there");
  else if (into.every / hop > overlap_max)
    values.complain("hop", "must not put an event into more than "
                               + std::to_string(overlap_max) + " windows, but "
                               + to_text(hop) + " of " + to_text(into.every)
                               + " does");
  else if (hop != into.every)
    into.hop = hop;
}

void read_start(const fields& values, gold_window& into) {
  const auto start = values.text("start", "a date");
  if (!start)
    return;
  into.start = parse_instant(start->text);
  into.start_is_date = start->text.find(':') == std::string::npos;
  if (!into.start)
    values.complain("start",
                    "must be a date from 1970 to 2105 such as 2026-02-18, or "
                    "2026-02-18T06:00:00Z, but "
                        + shown(start->text) + " stands there");
}

/// Which event times are windows at all.
void read_bounds(const fields& values, gold_window& into) {
  values.read_seconds("idle", into.idle, {1s, 24h, {}});
  values.read_seconds("ahead", into.ahead, {0s, 24h * 3660, {}});
  values.read_word("outside", into.outside, word_lists::outside);
  const auto oldest = values.text("oldest", "a date");
  if (!oldest)
    return;
  if (const auto when = parse_instant(oldest->text))
    into.oldest = *when;
  else
    values.complain("oldest",
                    "must be a date from 1970 to 2105 such as 2020-01-01, but "
                        + shown(oldest->text) + " stands there");
}

/// What ClickHouse computes is not known before the row is in silver.
void check_quarantine(const fields& values, const gold_window& window,
                      const std::vector<table>& tables) {
  if (window.outside != on_outside::quarantine)
    return;
  const auto* source = find_named(tables, window.over_table);
  if (source == nullptr)
    return;
  const auto* time = find_named(source->columns, window.over_column);
  if (time != nullptr && !time->is_read())
    values.complain(
        "outside",
        "'quarantine' needs event times that are read from the "
        "record, but "
            + shown(window.over_table + "." + window.over_column)
            + (time->computed.empty() ? " is constant" : " is computed")
            + " by ClickHouse: use 'count', or give the column a "
              "'from'");
}

} // namespace

void read_gold_window(const entry& child, gold& into,
                      const std::vector<table>& tables,
                      const reading& context) {
  const auto of = "'window' of gold " + shown(into.name);
  const auto* map = read_map(child, of, true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::gold_window, of,
                      context.found};
  auto& window = into.window;
  if (read_every(values, window))
    read_hop(values, window);
  values.read_seconds("lateness", window.lateness, {0s, 24h * 3660, {}});
  read_over(values, window, tables);
  read_start(values, window);
  read_bounds(values, window);
  check_quarantine(values, window, tables);
}

} // namespace sluice::topology
