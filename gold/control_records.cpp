#include "gold/control_records.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

namespace sluice::gold {

namespace {

using json = nlohmann::ordered_json;
/// Not the ordered one: that copies members when it grows, by recursion as deep
/// as they are nested.
using parsed_json = nlohmann::json;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr int control_version = 1;
constexpr std::array<std::string_view, 4> kinds{"marks", "term", "gold_run",
                                                "gold_request"};
/// Beyond this no event time is one: 1900 to 2299 is what ClickHouse holds.
constexpr std::int64_t farthest_time = 1LL << 34U;

// -- writing ------------------------------------------------------------------

json to_json(const time_ranges& ranges) {
  auto result = json::array();
  for (const auto& each : ranges)
    result.push_back({each.from, each.to});
  return result;
}

json to_json(const touched_golds& golds) {
  auto result = json::object();
  for (const auto& [gold, ranges] : golds)
    result[gold] = to_json(ranges);
  return result;
}

json to_json(const cut_name& cut) {
  return {
      {"table", cut.table}, {"topic", cut.topic}, {"partition", cut.partition},
      {"epoch", cut.epoch}, {"lo", cut.lo},       {"hi", cut.hi}};
}

json to_json(const cut_note& note) {
  auto result = to_json(note.cut);
  result["golds"] = to_json(note.golds);
  return result;
}

json to_json(const cut_mark& mark) {
  auto result = to_json(mark.cut);
  result["golds"] = to_json(mark.golds);
  if (!mark.newest.empty())
    result["newest"] = mark.newest;
  return result;
}

template <class Each>
json to_list(const std::vector<Each>& all) {
  auto result = json::array();
  for (const auto& each : all)
    result.push_back(to_json(each));
  return result;
}

json begin(const char* kind) {
  return {{"sluice", control_version}, {"kind", kind}};
}

std::int64_t count_of(sys_seconds when) {
  return when.time_since_epoch().count();
}

json to_json(const cuts_marked& message) {
  auto result = begin("marks");
  result["node"] = message.node;
  if (!message.notes.empty())
    result["notes"] = to_list(message.notes);
  if (!message.marks.empty())
    result["marks"] = to_list(message.marks);
  return result;
}

json to_json(const term_begun& message) {
  auto result = begin("term");
  result["node"] = message.node;
  result["nonce"] = message.nonce;
  return result;
}

json to_json(const run_finished& message) {
  auto result = begin("gold_run");
  result["gold"] = message.gold;
  result["from"] = count_of(message.what.start);
  result["to"] = count_of(message.what.end);
  result["run"] = message.run_id;
  result["term"] = message.term;
  result["covers"] = message.covers;
  return result;
}

json to_json(const run_requested& message) {
  auto result = begin("gold_request");
  result["gold"] = message.gold;
  result["from"] = count_of(message.from);
  result["to"] = count_of(message.to);
  result["by"] = message.by;
  return result;
}

// -- reading: a member that is missing or of another type throws --------------

[[noreturn]] void refuse(const char* why) {
  throw parsed_json::other_error::create(501, why, nullptr);
}

/// get<T>() would cut a number to size and make one of a bool.
template <class T>
T integer_of(const parsed_json& from) {
  if (from.is_number_unsigned()) {
    if (const auto value = from.get<std::uint64_t>(); std::in_range<T>(value))
      return static_cast<T>(value);
  } else if (from.is_number_integer()) {
    if (const auto value = from.get<std::int64_t>(); std::in_range<T>(value))
      return static_cast<T>(value);
  }
  refuse("a number is none, no integer or out of range");
}

std::int64_t time_of(const parsed_json& from) {
  const auto result = integer_of<std::int64_t>(from);
  if (result < -farthest_time || result > farthest_time)
    refuse("a time is out of range");
  return result;
}

const parsed_json& array_in(const parsed_json& value) {
  if (!value.is_array())
    refuse("a list is none");
  return value;
}

const parsed_json& object_in(const parsed_json& value) {
  if (!value.is_object())
    refuse("an object is none");
  return value;
}

/// Sorted first: anyone may have put ranges here in any order, and each would
/// be inserted before all the others.
time_ranges ranges_of(const parsed_json& list) {
  time_ranges all;
  for (const auto& each : array_in(list)) {
    all.push_back({time_of(each.at(0)), time_of(each.at(1))});
    if (all.back().from >= all.back().to)
      refuse("a range of times is empty");
  }
  std::ranges::sort(all, {}, &time_range::from);
  time_ranges result;
  for (const auto& each : all)
    add(result, each);
  return result;
}

touched_golds golds_of(const parsed_json& from) {
  touched_golds result;
  for (const auto& [gold, ranges] : object_in(from.at("golds")).items())
    result[gold] = ranges_of(ranges);
  return result;
}

cut_name cut_of(const parsed_json& from) {
  cut_name result{from.at("table").get<std::string>(),
                  from.at("topic").get<std::string>(),
                  integer_of<std::int32_t>(from.at("partition")),
                  integer_of<std::uint16_t>(from.at("epoch")),
                  integer_of<std::int64_t>(from.at("lo")),
                  integer_of<std::int64_t>(from.at("hi"))};
  if (result.partition < 0 || result.lo < 0 || result.lo >= result.hi)
    refuse("a cut has no offsets");
  return result;
}

cuts_marked marks_of(const parsed_json& from) {
  cuts_marked result;
  result.node = from.value("node", "");
  if (from.contains("notes"))
    for (const auto& each : array_in(from.at("notes")))
      result.notes.push_back({cut_of(each), golds_of(each)});
  if (from.contains("marks"))
    for (const auto& each : array_in(from.at("marks"))) {
      cut_mark mark{cut_of(each), golds_of(each), {}};
      if (each.contains("newest"))
        for (const auto& [gold, when] : object_in(each.at("newest")).items())
          mark.newest[gold] = time_of(when);
      result.marks.push_back(std::move(mark));
    }
  return result;
}

sys_seconds moment_of(const parsed_json& from, const char* name) {
  return sys_seconds{seconds{time_of(from.at(name))}};
}

run_finished run_of(const parsed_json& from) {
  return {from.at("gold").get<std::string>(),
          {moment_of(from, "from"), moment_of(from, "to")},
          from.at("run").get<std::string>(),
          integer_of<std::int64_t>(from.at("term")),
          integer_of<std::int64_t>(from.at("covers"))};
}

control_message message_of(const std::string& kind, const parsed_json& from) {
  if (kind == "marks")
    return marks_of(from);
  if (kind == "term")
    return term_begun{from.at("node").get<std::string>(),
                      from.at("nonce").get<std::string>()};
  if (kind == "gold_run")
    return run_of(from);
  return run_requested{from.at("gold").get<std::string>(),
                       moment_of(from, "from"), moment_of(from, "to"),
                       from.value("by", "")};
}

} // namespace

std::string to_string(const cut_name& cut) {
  return cut.table + "/" + cut.topic + "/" + std::to_string(cut.partition) + "/"
         + std::to_string(cut.epoch) + "/" + std::to_string(cut.lo) + "-"
         + std::to_string(cut.hi);
}

std::string encode(const control_message& message) {
  return std::visit([](const auto& each) { return to_json(each); }, message)
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

tl::expected<std::optional<control_message>, std::string>
parse_control_message(std::string_view record) {
  const auto from = parsed_json::parse(record, nullptr, false);
  if (!from.is_object() || !from.contains("sluice") || !from.contains("kind")
      || !from["kind"].is_string())
    return std::nullopt;
  const auto kind = from["kind"].get<std::string>();
  if (std::ranges::find(kinds, kind) == kinds.end())
    return std::nullopt;
  // Not shown: it may be anything, and as deep as the record is long.
  if (from["sluice"] != control_version)
    return tl::unexpected(
        "a record of kind '" + kind
        + "' is of another version than this program reads, which is "
        + std::to_string(control_version));
  try {
    return std::optional{message_of(kind, from)};
  } catch (const parsed_json::exception& wrong) {
    return tl::unexpected("a record of kind '" + kind
                          + "' cannot be read: " + wrong.what());
  }
}

} // namespace sluice::gold
