// dirty_windows: as a text, and back.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "gold/dirty_windows.hpp"

namespace sluice::gold {

namespace {

using json = nlohmann::ordered_json;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr int snapshot_version = 1;

std::int64_t count_of(sys_seconds when) {
  return when.time_since_epoch().count();
}

/// The notes of a snapshot are the record of them.
cuts_marked as_record(const std::map<cut_name, touched_golds>& notes) {
  cuts_marked result;
  for (const auto& [cut, golds] : notes)
    result.notes.push_back({cut, golds});
  return result;
}

} // namespace

std::string dirty_windows::snapshot() const {
  json result{{"version", snapshot_version},
              {"next", next_},
              {"notes", encode(as_record(notes_))},
              {"golds", json::object()}};
  if (leader_)
    result["leader"] = {{"term", leader_->number},
                        {"node", leader_->node},
                        {"nonce", leader_->nonce}};
  for (const auto& [name, gold] : golds_) {
    auto windows = json::array();
    for (const auto& [what, why] : gold.windows) {
      const auto found = gold.wished.find(what);
      const auto wished = found == gold.wished.end() ? wishes{} : found->second;
      windows.push_back(
          {count_of(what.start), count_of(what.end), why.newest_mark,
           why.requested, why.follows, wished.request, wished.predecessor,
           count_of(std::chrono::floor<seconds>(why.first_seen))});
    }
    auto sources = json::object();
    for (const auto& [partition, state] : gold.sources)
      sources[partition] = state.newest;
    result["golds"][name] = {{"dirty", std::move(windows)},
                             {"newest", std::move(sources)}};
  }
  cut_mark strangers;
  strangers.golds = strangers_;
  strangers.cut.hi = 1;
  result["strangers"] = encode(cuts_marked{{}, {}, {strangers}});
  return result.dump();
}

/// What was dirty for whoever saved it and is not known here, and what is known
/// here and was not there.
void dirty_windows::restore_strangers(const nlohmann::json& from, instant now) {
  touched_golds told;
  for (const auto& [name, state] : from.at("golds").items())
    if (!golds_.contains(name))
      for (const auto& each : state.at("dirty"))
        add(told[name],
            {each.at(0).get<std::int64_t>(), each.at(1).get<std::int64_t>()});
  if (from.contains("strangers")) {
    const auto record =
        parse_control_message(from["strangers"].get<std::string>());
    if (record && *record)
      if (const auto* marks = std::get_if<cuts_marked>(&**record))
        for (const auto& mark : marks->marks)
          for (const auto& [name, ranges] : mark.golds)
            add(told[name], ranges);
  }
  strangers_.clear();
  touch(next_ - 1, told, now);
}

tl::expected<void, std::string> dirty_windows::restore(std::string_view text,
                                                       instant now) {
  auto restored = *this;
  try {
    const auto from = nlohmann::json::parse(text);
    if (from.at("version") != snapshot_version)
      return tl::unexpected("a snapshot is of another version than this "
                            "program reads, which is "
                            + std::to_string(snapshot_version));
    restored.next_ = from.at("next").get<std::int64_t>();
    restored.leader_.reset();
    if (from.contains("leader")) {
      const auto& leader = from["leader"];
      restored.leader_ = leader_term{leader.at("term").get<std::int64_t>(),
                                     leader.at("node").get<std::string>(),
                                     leader.at("nonce").get<std::string>()};
    }
    restored.notes_.clear();
    const auto notes =
        parse_control_message(from.at("notes").get<std::string>());
    if (!notes || !*notes)
      return tl::unexpected(std::string{"a snapshot's notes cannot be read"});
    if (const auto* noted = std::get_if<cuts_marked>(&**notes))
      for (const auto& each : noted->notes)
        restored.notes_[each.cut] = each.golds;
    for (auto& [name, gold] : restored.golds_) {
      gold.windows.clear();
      gold.wished.clear();
      gold.sources.clear();
      if (!from.at("golds").contains(name))
        continue;
      const auto& state = from["golds"][name];
      for (const auto& each : state.at("dirty")) {
        const auto moment = [&each](std::size_t index) {
          return sys_seconds{seconds{each.at(index).get<std::int64_t>()}};
        };
        const window known{moment(0), moment(1)};
        // The windows may be others since: those that overlap are dirty.
        const auto today = gold.rule.is_window(known)
                               ? std::vector{known}
                               : gold.rule.touching(known.start, known.end);
        const auto offset = each.at(2).get<std::int64_t>();
        const auto requested = each.at(3).get<bool>();
        const auto follows = each.at(4).get<bool>();
        const wishes wished{each.at(5).get<std::int64_t>(),
                            each.at(6).get<std::int64_t>()};
        const auto since =
            each.size() > 7 ? std::min<instant>(moment(7), now) : now;
        for (const auto& what : today) {
          touch(gold, what, offset, since, cause::change);
          auto& restored_dirt = gold.windows.at(what);
          restored_dirt.requested = restored_dirt.requested || requested;
          restored_dirt.follows = restored_dirt.follows || follows;
          auto& asked = gold.wished[what];
          asked.request = std::max(asked.request, wished.request);
          asked.predecessor = std::max(asked.predecessor, wished.predecessor);
        }
      }
      for (const auto& [partition, newest] : state.at("newest").items())
        gold.sources[partition] = {newest.get<std::int64_t>(), now};
    }
    restored.restore_strangers(from, now);
  } catch (const json::exception& wrong) {
    return tl::unexpected(std::string{"a snapshot cannot be read: "}
                          + wrong.what());
  }
  *this = std::move(restored);
  return {};
}

} // namespace sluice::gold
