// What a cut of a silver table means for the golds that the table feeds: the
// event times that are known from its rows, and what silver has to be asked
// before and after the insert. Pure; docs/gold.md says why it is enough.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "cdc/decoder.hpp"
#include "gold/control_records.hpp"
#include "marks/feed.hpp"
#include "marks/look_back.hpp"
#include "marks/touched_times.hpp"
#include "silver/table_layout.hpp"

namespace sluice::marks {

struct cut_touches {
  /// Windows that the cut's own rows are in.
  gold::touched_golds known;
  /// By gold that the table has the event times of.
  std::map<std::string, std::int64_t> newest;
  /// Rows whose event time no window of the gold takes, by gold.
  std::map<std::string, std::uint64_t> outside;
  /// To be asked before the insert: windows that rows leave.
  std::vector<question> before;
  /// To be asked when the insert is acknowledged.
  std::vector<question> after;
  /// Rows of the cut take others' places, so that whatever earlier cuts of the
  /// partition that are not acknowledged yet have touched is left as well.
  bool replaces_rows = false;
  /// What is asked before can only be answered when every earlier cut of the
  /// partition is finished.
  bool waits_for_earlier = false;
  /// Some of what is asked before is about rows of another table, which may
  /// move to other windows before this cut's insert.
  bool leaves_joined_rows = false;
};

/// Whether a table that is so fed has to be followed at all.
[[nodiscard]] bool is_followed(const std::vector<feed>& feeds);

/// `events` has, for each row of `rows`, what happened to it. `replayed`: a
/// former owner may have inserted rows of the cut that this one does not have.
[[nodiscard]] cut_touches
touches_of(const std::vector<feed>& feeds, const silver::table_layout& layout,
           std::string_view database, const gold::cut_name& cut,
           const silver::block& rows, std::span<const cdc::operation> events,
           bool replayed, std::chrono::sys_seconds now);

} // namespace sluice::marks
