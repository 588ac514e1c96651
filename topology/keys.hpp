// Every key and every word that a topology file may hold, in one place: the
// reader looks them up here, messages list them, and a test holds
// config/topology.schema.json against them.
#pragma once

#include <span>
#include <string_view>

namespace sluice::topology {

/// The keys of one map of the file.
struct section {
  /// Where it stands; "*" for any name: "tables.*.columns.*". Empty: the root.
  std::string_view path;
  std::span<const std::string_view> keys;
  /// Those of `keys` that have no default.
  std::span<const std::string_view> required;
  /// Keys that a later version will have.
  std::span<const std::string_view> later;
};

/// The words of one enumeration, in the order of its C++ values.
struct word_list {
  /// Where the words stand, as in section::path.
  std::string_view path;
  std::span<const std::string_view> words;
  /// Words that a later version will have.
  std::span<const std::string_view> later;
};

namespace sections {
extern const section root;
extern const section kafka;
extern const section kafka_embedded;
extern const section clickhouse;
extern const section status;
extern const section tuning;
extern const section recovery;
extern const section table;
extern const section column;
extern const section gold;
extern const section gold_window;
extern const section gold_retry;
extern const section gold_child;
extern const section gold_dimension;
} // namespace sections

namespace word_lists {
extern const word_list compression;
extern const word_list format;
extern const word_list mode;
extern const word_list on_invalid;
extern const word_list unit;
extern const word_list silver_ahead;
extern const word_list records_lost;
extern const word_list topic_replaced;
extern const word_list partitions_added;
extern const word_list outside;
extern const word_list partition;
extern const word_list child_appears;
extern const word_list child_changes;
extern const word_list dimension_appears;
extern const word_list dimension_changes;
} // namespace word_lists

[[nodiscard]] std::span<const section* const> all_sections();
[[nodiscard]] std::span<const word_list* const> all_word_lists();

/// Values of `from:` that stand for something outside the row;
/// "@headers.NAME" besides.
[[nodiscard]] std::span<const std::string_view> record_fields();

} // namespace sluice::topology
