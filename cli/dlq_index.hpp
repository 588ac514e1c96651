// Which dead letters there are and which of them were replayed. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/dead_letter.hpp"
#include "kafka/record.hpp"

namespace sluice::cli {

/// What a dead letter is about. The same may lie on the topic more than once
/// (letters are written at least once) and is one letter all the same.
struct letter_id {
  kafka::topic_partition where;
  std::int64_t offset = -1;
  std::uint16_t epoch = 0;
  std::string table;
  auto operator<=>(const letter_id&) const = default;
};

[[nodiscard]] letter_id id_of(const kafka::dead_letter& letter);

/// Place of a record on the dead-letter topic.
struct letter_place {
  std::int32_t partition = 0;
  std::int64_t offset = -1;
  auto operator<=>(const letter_place&) const = default;
};

/// Which letters a command means; what is unset fits every letter.
struct letter_choice {
  std::optional<std::string> table;
  std::optional<std::string> reason;
  std::optional<std::string> topic;
  std::optional<std::int32_t> partition;
  /// First and last offset of the originals.
  std::optional<std::pair<std::int64_t, std::int64_t>> offsets;
};

/// "42" or "42-50" (the last included), not negative. The error is one line.
[[nodiscard]] tl::expected<std::pair<std::int64_t, std::int64_t>, std::string>
parse_offsets(std::string_view text);

struct listed_letter {
  std::string reason;
  std::string detail;
  std::int64_t timestamp_ms = -1;
  /// Where copies lie that were not replayed; not empty.
  std::vector<letter_place> copies;
};

/// The record that says of letters that they were replayed; it lies on the
/// dead-letter topic itself, which is as durable and as well guarded as they
/// are: header sluice.replayed, no key, and as value
///   {"sluice":1,"kind":"replayed","letters":[[PARTITION,OFFSET],...]}
/// with their places on the dead-letter topic. A letter that is written once
/// more later (a repeated cut) has another place and is a letter again.
[[nodiscard]] kafka::owned_record
make_replayed_note(const std::vector<letter_place>& places);

/// Reads the whole topic, record by record, in any order.
class letter_index {
public:
  /// `record.where.partition` and `record.offset` are its place.
  void see(kafka::owned_record record);

  /// The letters that fit and were not replayed.
  [[nodiscard]] std::map<letter_id, listed_letter>
  outstanding(const letter_choice& choice) const;
  /// Records that are neither letters nor notes, one line about the first.
  [[nodiscard]] std::size_t strangers() const { return strangers_; }
  [[nodiscard]] const std::string& first_stranger() const {
    return first_stranger_;
  }
  /// Letters all of whose copies were replayed.
  [[nodiscard]] std::size_t replayed() const;

private:
  bool see_note(const kafka::owned_record& record);

  std::map<letter_id, listed_letter> letters_;
  std::set<letter_place> replayed_;
  std::size_t strangers_ = 0;
  std::string first_stranger_;
};

} // namespace sluice::cli
