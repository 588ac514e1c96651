#include "marks/cut_touches.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "silver/block_values.hpp"

namespace sluice::marks {

namespace {

using cdc::operation;
using topology::on_join;

using row_list = std::vector<std::size_t>;

/// Where a column stands in the table's blocks; std::nullopt: ClickHouse
/// computes it.
std::optional<std::size_t> column_of(const silver::table_layout& layout,
                                     const std::string& name) {
  const auto found = std::ranges::find(layout.block_columns, name,
                                       &silver::block_column::name);
  if (found == layout.block_columns.end())
    return std::nullopt;
  return static_cast<std::size_t>(found - layout.block_columns.begin());
}

/// Where the event times stand; std::nullopt: only ClickHouse knows them.
std::optional<std::size_t> time_of(const silver::table_layout& layout,
                                   const std::string& name) {
  const auto result = column_of(layout, name);
  return result && silver::holds_time(layout.block_columns[*result].type)
             ? result
             : std::nullopt;
}

bool is_in_key(const silver::table_layout& layout, const std::string& name) {
  const auto& key = layout.table.key;
  return std::ranges::find(key, name) != key.end();
}

/// One cut of one table, for all its feeds.
class reading {
public:
  reading(const silver::table_layout& layout, std::string_view database,
          const gold::cut_name& cut, const silver::block& rows,
          std::span<const operation> events)
      : layout_{layout}, database_{database}, cut_{cut}, rows_{rows},
        events_{events},
        is_latest_{layout.table.mode == topology::table_mode::latest} {}

  void read(const feed& about, bool replayed, std::chrono::sys_seconds now) {
    if (about.join)
      read_joined(about, replayed);
    else
      read_own(about, replayed, now);
  }

  cut_touches take() { return std::move(result_); }

private:
  /// Whether silver may have an earlier row of the key. In a later epoch the
  /// topic's first records come again over what they have led to.
  [[nodiscard]] bool may_replace(std::size_t row) const {
    return is_latest_ && (events_[row] != operation::create || cut_.epoch > 0);
  }

  template <class Chosen>
  [[nodiscard]] row_list rows_where(Chosen chosen) const {
    row_list result;
    for (std::size_t row = 0; row < events_.size(); ++row)
      if (chosen(row))
        result.push_back(row);
    return result;
  }

  void read_own(const feed& about, bool replayed,
                std::chrono::sys_seconds now) {
    const auto time = time_of(layout_, about.gold.window.over_column);
    if (time)
      add_times(about, *time, now);
    if (replayed || (!time && !events_.empty()))
      result_.after.push_back(
          times_of_rows(about, database_, {cut_, {{cut_.lo, cut_.hi}}}));
    const auto replacing =
        rows_where([this](std::size_t row) { return may_replace(row); });
    if (replacing.empty())
      return;
    result_.replaces_rows = true;
    // What earlier cuts touch is known from their blocks, or only silver knows.
    result_.waits_for_earlier = result_.waits_for_earlier || !time;
    ask_before(about, replacing, times_of_keys);
  }

  void add_times(const feed& about, std::size_t column,
                 std::chrono::sys_seconds now) {
    touched_times times{about.rule, bounds_of(about.gold.window, now)};
    const auto moments = silver::moments_of(rows_, column);
    const auto in_days = silver::holds_days(layout_.block_columns[column].type);
    for (std::size_t row = 0; row < moments.size(); ++row) {
      // A row that hides its key has no values but the key's.
      if (moments[row] == silver::no_time || events_[row] == operation::remove)
        continue;
      times.add(in_days ? midnight(about, moments[row]) : moments[row]);
    }
    if (auto ranges = times.ranges(about.rule); !ranges.empty())
      gold::add(result_.known[about.gold.name], ranges);
    if (const auto newest = times.newest())
      result_.newest[about.gold.name] = *newest;
    if (times.outside() > 0)
      result_.outside[about.gold.name] += times.outside();
  }

  static std::int64_t midnight(const feed& about, std::int64_t days) {
    const std::chrono::local_days date{
        std::chrono::days{static_cast<int>(days)}};
    return about.rule.zone()
        .first_instant(std::chrono::local_seconds{date})
        .time_since_epoch()
        .count();
  }

  /// Whether the gold wants to know what happened to a joined row.
  [[nodiscard]] bool matters(const topology::gold_join& join,
                             std::size_t row) const {
    const auto any =
        join.appears == on_join::rerun || join.changes == on_join::rerun;
    if (events_[row] != operation::update)
      return any;
    // A filter may make a row appear, a changed column what it is joined to. In
    // a later epoch a compacted topic may have nothing left of a row but this.
    const auto may_appear = !layout_.table.filter.empty()
                            || !is_in_key(layout_, join.column)
                            || cut_.epoch > 0;
    return join.changes == on_join::rerun
           || (may_appear && join.appears == on_join::rerun);
  }

  void read_joined(const feed& about, bool replayed) {
    const auto rows =
        rows_where([&](std::size_t row) { return matters(*about.join, row); });
    if (is_in_key(layout_, about.join->column))
      return read_joined_by_key(about, rows, replayed);
    // Of what a former owner has inserted, everything counts.
    if (replayed)
      result_.after.push_back(
          times_of_joined_rows(about, database_, {cut_, {{cut_.lo, cut_.hi}}}));
    if (rows.empty())
      return;
    // Of a row that hides its key, silver has the key's columns only.
    row_list there = rows;
    std::erase_if(there, [this](std::size_t row) {
      return events_[row] == operation::remove;
    });
    if (!there.empty())
      ask_after(about, there, replayed);
    row_list replacing = rows;
    std::erase_if(replacing,
                  [this](std::size_t row) { return !may_replace(row); });
    if (replacing.empty())
      return;
    result_.waits_for_earlier = true;
    result_.leaves_joined_rows = true;
    ask_before(about, replacing, times_of_joined_keys);
  }

  /// The block tells what its rows are joined to. Silver may have shown a row
  /// and lost it in a merge with a later one of this cut, if that was divided.
  void ask_after(const feed& about, const row_list& rows, bool replayed) {
    const auto column = column_of(layout_, about.join->column);
    if (column && !layout_.block_columns[*column].type.nullable) {
      const auto values = distinct_values({&*column, 1}, rows);
      if (keys_that_fit(values) == values.size())
        return result_.after.push_back(
            times_of_joined_values(about, database_, values));
    }
    if (!replayed)
      result_.after.push_back(
          times_of_joined_rows(about, database_, {cut_, offsets_of(rows)}));
  }

  /// The key tells what a row is joined to and was before. Silver may not have
  /// the row any more when it is asked: a later one of the key, which need not
  /// matter, has taken its place in a merge.
  void read_joined_by_key(const feed& about, const row_list& rows,
                          bool replayed) {
    if (rows.empty() && !replayed)
      return;
    const auto column = column_of(layout_, about.join->column).value();
    const auto values = distinct_values({&column, 1}, rows);
    if (!replayed && keys_that_fit(values) == values.size())
      return result_.after.push_back(
          times_of_joined_values(about, database_, values));
    // Too many for a question, or not all are known: whatever has taken a
    // row's place is further on.
    auto onwards = cut_;
    onwards.hi = std::numeric_limits<std::int64_t>::max();
    result_.after.push_back(times_of_joined_rows(
        about, database_, {onwards, {{onwards.lo, onwards.hi}}}));
  }

  [[nodiscard]] std::vector<std::string>
  distinct_values(std::span<const std::size_t> columns,
                  const row_list& rows) const {
    auto result = silver::literals_of(rows_, columns, rows);
    std::ranges::sort(result);
    result.erase(std::ranges::unique(result).begin(), result.end());
    return result;
  }

  [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>>
  offsets_of(const row_list& rows) const {
    if (rows.size() == events_.size())
      return {{cut_.lo, cut_.hi}};
    const auto offsets = rows_.int64_values(layout_.offset_column);
    std::vector<std::pair<std::int64_t, std::int64_t>> result;
    for (const auto row : rows) {
      const auto offset = offsets[row];
      if (!result.empty() && result.back().second == offset)
        ++result.back().second;
      else
        result.emplace_back(offset, offset + 1);
    }
    return result;
  }

  template <class Ask>
  void ask_before(const feed& about, const row_list& rows, Ask ask) {
    const auto keys = distinct_values(layout_.key_columns, rows);
    for (std::span<const std::string> rest{keys}; !rest.empty();) {
      const auto count = keys_that_fit(rest);
      result_.before.push_back(
          ask(about, database_, layout_.table.key, rest.first(count)));
      rest = rest.subspan(count);
    }
  }

  const silver::table_layout& layout_;
  std::string_view database_;
  const gold::cut_name& cut_;
  const silver::block& rows_;
  std::span<const operation> events_;
  bool is_latest_;
  cut_touches result_;
};

bool is_heard(const feed& each) {
  return !each.join || each.join->appears == on_join::rerun
         || each.join->changes == on_join::rerun;
}

} // namespace

bool is_followed(const std::vector<feed>& feeds) {
  return std::ranges::any_of(feeds, is_heard);
}

cut_touches touches_of(const std::vector<feed>& feeds,
                       const silver::table_layout& layout,
                       std::string_view database, const gold::cut_name& cut,
                       const silver::block& rows,
                       std::span<const operation> events, bool replayed,
                       std::chrono::sys_seconds now) {
  reading result{layout, database, cut, rows, events};
  for (const auto& each : feeds)
    if (is_heard(each))
      result.read(each, replayed, now);
  return result.take();
}

} // namespace sluice::marks
