#include "cli/dlq_index.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <nlohmann/json.hpp>

namespace sluice::cli {

namespace {

using nlohmann::json;

constexpr std::string_view note_header = "sluice.replayed";

bool fits(const letter_choice& choice, const letter_id& id,
          const std::string& reason) {
  return (!choice.table || *choice.table == id.table)
         && (!choice.reason || *choice.reason == reason)
         && (!choice.topic || *choice.topic == id.where.topic)
         && (!choice.partition || *choice.partition == id.where.partition)
         && (!choice.offsets
             || (choice.offsets->first <= id.offset
                 && id.offset <= choice.offsets->second));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t result = -1;
  const auto* end = text.data() + text.size();
  const auto [rest, wrong] = std::from_chars(text.data(), end, result);
  if (wrong != std::errc{} || rest != end || result < 0)
    return std::nullopt;
  return result;
}

} // namespace

letter_id id_of(const kafka::dead_letter& letter) {
  return {letter.original.where, letter.original.offset, letter.epoch,
          letter.table};
}

tl::expected<std::pair<std::int64_t, std::int64_t>, std::string>
parse_offsets(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = whole_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos
                        ? first
                        : whole_number(text.substr(dash + 1));
  if (first && last && *first <= *last)
    return std::pair{*first, *last};
  return tl::unexpected("'" + std::string{text}
                        + "' is neither an offset (42) nor a range of offsets "
                          "(42-50)");
}

kafka::owned_record
make_replayed_note(const std::vector<letter_place>& places) {
  kafka::owned_record result;
  result.where.partition = -1;
  result.headers.push_back({std::string{note_header}, "1"});
  json letters = json::array();
  for (const auto& place : places)
    letters.push_back(json::array({place.partition, place.offset}));
  result.value =
      json{{"sluice", 1}, {"kind", "replayed"}, {"letters", letters}}.dump();
  return result;
}

bool letter_index::see_note(const kafka::owned_record& record) {
  const auto named = std::ranges::any_of(record.headers, [](const auto& each) {
    return each.name == note_header;
  });
  if (!named || !record.value)
    return false;
  const auto note = json::parse(*record.value, nullptr, false);
  if (!note.is_object() || !note.contains("letters")
      || !note["letters"].is_array())
    return false;
  std::vector<letter_place> places;
  for (const auto& place : note["letters"]) {
    if (!place.is_array() || place.size() != 2 || !place[0].is_number_integer()
        || !place[1].is_number_integer())
      return false;
    places.push_back(
        {place[0].get<std::int32_t>(), place[1].get<std::int64_t>()});
  }
  replayed_.insert(places.begin(), places.end());
  return true;
}

void letter_index::see(kafka::owned_record record) {
  const letter_place place{record.where.partition, record.offset};
  auto letter = kafka::read_dead_letter(record);
  if (letter) {
    auto& listed = letters_[id_of(*letter)];
    listed.reason = std::move(letter->reason);
    listed.detail = std::move(letter->detail);
    listed.timestamp_ms = letter->original.timestamp_ms;
    listed.copies.push_back(place);
  } else if (!see_note(record)) {
    if (strangers_++ == 0)
      first_stranger_ = "partition " + std::to_string(place.partition)
                        + ", offset " + std::to_string(place.offset) + ": "
                        + letter.error();
  }
}

std::map<letter_id, listed_letter>
letter_index::outstanding(const letter_choice& choice) const {
  std::map<letter_id, listed_letter> result;
  for (const auto& [id, listed] : letters_) {
    if (!fits(choice, id, listed.reason))
      continue;
    auto left = listed;
    std::erase_if(left.copies, [this](const letter_place& place) {
      return replayed_.contains(place);
    });
    if (!left.copies.empty())
      result.emplace(id, std::move(left));
  }
  return result;
}

std::size_t letter_index::replayed() const {
  return letters_.size() - outstanding({}).size();
}

} // namespace sluice::cli
