#include "tests/engine/gold_partition.hpp"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "marks/touched_times.hpp"
#include "silver/questions.hpp"
#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

namespace {

constexpr std::size_t cuts_in_flight = 4;
constexpr std::size_t records_in_a_cut = 9;

silver::block_ptr block_of(const silver::table_layout& layout,
                           std::int32_t partition,
                           std::span<const source_change> changes) {
  silver::block_builder builder{layout.block_columns};
  for (const auto& each : changes) {
    const auto removed = each.what == cdc::operation::remove;
    builder.column(0).append(each.id);
    builder.column(1).append(each.row.parent);
    builder.column(2).append(each.row.value);
    if (layout.read_columns.size() > 3)
      builder.column(3).append(each.row.at_ms);
    builder.column(layout.partition_column).append(partition);
    builder.column(layout.offset_column).append(each.offset);
    builder.column(layout.epoch_column).append(std::uint16_t{0});
    builder.column(*layout.version_column)
        .append(silver::row_version(0, each.offset));
    builder.column(*layout.deleted_column)
        .append(static_cast<std::uint8_t>(removed ? 1 : 0));
    builder.commit_row();
  }
  return builder.finish();
}

} // namespace

std::size_t gold_partition::below(std::size_t bound) const {
  return std::uniform_int_distribution<std::size_t>{0,
                                                    bound - 1}(parts_.random);
}

void gold_partition::open(std::size_t last, bool replayed) {
  auto next = std::make_unique<cut>();
  next->first = cuts_.empty() ? committed_ : cuts_.back()->last;
  next->last = last;
  next->replayed = replayed;
  const auto changes =
      std::span{parts_.log}.subspan(next->first, last - next->first);
  const auto& table = parts_.layout.table;
  next->name = {table.name,
                table.topic,
                parts_.partition,
                0,
                next->first == 0 ? 0 : parts_.log[next->first - 1].offset + 1,
                parts_.log[last - 1].offset + 1};
  next->rows = block_of(parts_.layout, parts_.partition, changes);
  std::vector<cdc::operation> events;
  for (const auto& each : changes)
    events.push_back(each.what);
  next->touches =
      marks::touches_of(parts_.feeds, parts_.layout, "main", next->name,
                        *next->rows, events, replayed, stream_clock);
  cuts_.push_back(std::move(next));
}

bool gold_partition::step(client& on) {
  if (below(4) == 0 && commit())
    return true;
  const auto opened = cuts_.empty() ? committed_ : cuts_.back()->last;
  const auto pending = parts_.log.size() - opened;
  std::vector<cut*> ready;
  for (const auto& each : cuts_)
    if (may_advance(*each))
      ready.push_back(each.get());
  const auto may_open = pending > 0 && cuts_.size() < cuts_in_flight;
  if (may_open && (ready.empty() || below(3) == 0)) {
    const auto count = 1 + below(std::min(pending, records_in_a_cut));
    recorded_.push_back(opened + count);
    open(opened + count, false);
    return true;
  }
  if (!ready.empty()) {
    advance(*ready[below(ready.size())], on);
    return true;
  }
  return commit();
}

bool gold_partition::commit() {
  if (cuts_.empty())
    return false;
  const auto& first = *cuts_.front();
  const auto early = parts_.broken == broken_rule::commit_before_mark
                     && first.at > stage::inserting;
  if (first.at != stage::done && !early)
    return false;
  committed_ = first.last;
  recorded_.pop_front();
  cuts_.pop_front();
  return true;
}

void gold_partition::crash() {
  cuts_.clear();
  for (const auto last : recorded_)
    open(last, true);
}

bool gold_partition::may_advance(const cut& which) const {
  if (which.at == stage::done)
    return false;
  // Whatever an earlier cut asks is asked before a later one is inserted.
  if (which.at == stage::inserting)
    return std::ranges::none_of(cuts_, [&](const auto& each) {
      return each->first < which.first && each->at == stage::noting;
    });
  if (which.at != stage::noting || which.begun
      || !which.touches.waits_for_earlier)
    return true;
  const auto first = std::ranges::find_if(
      cuts_, [](const auto& each) { return each->at != stage::done; });
  return first->get() == &which;
}

void gold_partition::advance(cut& which, client& on) {
  switch (which.at) {
  case stage::noting:
    return note(which, on);
  case stage::inserting:
    if (parts_.broken == broken_rule::mark_before_rows && which.asked == 0) {
      which.asked = 1;
      which.marked = which.touches.known;
      return append_mark(which);
    }
    insert(which, on);
    which.asked = 0;
    which.at = stage::asking;
    return;
  case stage::asking:
  case stage::marking:
    return mark(which, on);
  case stage::done:
    return;
  }
}

/// As table_transformer_state::note() and window_marker_state::note(). What the
/// mark will have anyway is noted too, which says nothing else.
void gold_partition::note(cut& which, client& on) {
  const auto& questions = which.touches.before;
  if (!which.begun) {
    which.begun = true;
    if (which.touches.replaces_rows)
      for (const auto& earlier : cuts_) {
        if (earlier.get() == &which)
          break;
        if (earlier->at != stage::done)
          for (const auto& [gold, ranges] : earlier->touches.known)
            gold::add(which.left[gold], ranges);
      }
    which.is_noted = !which.left.empty() || !questions.empty();
  }
  if (which.asked < questions.size())
    return ask(questions[which.asked++], which.left, on);
  if ((!which.left.empty() || which.touches.leaves_joined_rows)
      && parts_.broken != broken_rule::no_note)
    parts_.control.push_back(gold::encode(
        gold::cuts_marked{"node", {{which.name, which.left}}, {}}));
  which.asked = 0;
  // What moves from here on knows of the note; what has moved is asked again.
  if (which.touches.leaves_joined_rows
      && !std::exchange(which.asked_again, true))
    return;
  which.at = stage::inserting;
}

/// Of a cut that comes again, only what silver does not have.
void gold_partition::insert(const cut& which, client& on) const {
  insert_request request;
  if (which.replayed) {
    const auto there =
        silver::parse_rows_in_range(
            run(on, silver::rows_in_range_sql("main", which.name.table,
                                              parts_.partition, which.name.lo,
                                              which.name.hi, 0)))
            .value();
    std::vector<std::pair<std::int64_t, std::int64_t>> missing;
    for (auto i = which.first; i < which.last; ++i) {
      const auto offset = parts_.log[i].offset;
      if (!std::ranges::binary_search(there, offset))
        missing.emplace_back(offset, offset + 1);
    }
    if (missing.empty())
      return;
    request.chosen = silver::offsets_condition(missing);
  }
  request.database = "main";
  request.table = which.name.table;
  request.columns = which.rows->names();
  request.structure = which.rows->structure();
  request.pieces = which.rows->pieces();
  request.rows = which.rows->rows();
  request.deduplication_token = to_string(which.name);
  request.hide_column =
      parts_.layout.block_columns[*parts_.layout.deleted_column].name;
  const auto done = on.insert(request);
  EXPECT_TRUE(done) << done.error().message;
}

/// As table_transformer_state::mark() and window_marker_state::mark().
void gold_partition::mark(cut& which, client& on) {
  const auto& touches = which.touches;
  if (which.at == stage::asking) {
    if (which.asked == 0)
      which.marked = touches.known;
    if (which.asked < touches.after.size()
        && parts_.broken != broken_rule::no_question_after)
      return ask(touches.after[which.asked++], which.marked, on);
    which.at = stage::marking;
    return;
  }
  const auto nothing = touches.known.empty() && touches.after.empty()
                       && !which.is_noted && !which.replayed;
  if (!nothing && parts_.broken != broken_rule::no_mark
      && parts_.broken != broken_rule::mark_before_rows)
    append_mark(which);
  which.at = stage::done;
}

void gold_partition::append_mark(const cut& which) {
  parts_.control.push_back(gold::encode(gold::cuts_marked{
      "node", {}, {{which.name, which.marked, which.touches.newest}}}));
}

/// As the window finder asks, and window_marker_state::touch() reads.
void gold_partition::ask(const marks::question& what,
                         gold::touched_golds& golds, client& on) const {
  query_request request;
  request.sql = what.sql;
  request.format = "TabSeparated";
  request.options = marks::settings_of(what);
  const auto answer = on.query(request);
  ASSERT_TRUE(answer) << what.sql << ": " << answer.error().message;
  const auto feed = std::ranges::find(
      parts_.feeds, what.gold, [](const auto& each) { return each.gold.name; });
  marks::touched_times touched{
      feed->rule, marks::bounds_of(feed->gold.window, stream_clock)};
  const auto times = marks::parse_times(*answer).value();
  for (const auto time : times)
    touched.add_granule(time);
  const auto windows = touched.ranges(feed->rule);
  if (windows.empty())
    return;
  gold::add(golds[what.gold], windows);
  gold::limit(golds[what.gold], marks::touched_ranges_max);
}

} // namespace sluice::clickhouse::testing
