// Questions to silver about event times: which windows rows were in before a
// cut, and which windows joined rows belong to. SQL and the reading of its
// answers. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "gold/control_records.hpp"
#include "marks/feed.hpp"

namespace sluice::marks {

/// To be asked with settings_of() it. The answer has one event time a line,
/// each a multiple of the rule's granule, seconds since 1970-01-01 UTC.
struct question {
  /// Whose windows the times touch.
  std::string gold;
  std::string sql;
  /// A Date means midnight here.
  std::string zone;
};

/// ClickHouse's settings for the question: its time zone, and room for
/// keys_per_question keys, which are more than ClickHouse takes by default.
[[nodiscard]] clickhouse::settings settings_of(const question& what);

/// How the keys of one question are to be given at most: its text stays far
/// below what ClickHouse may be made to parse.
inline constexpr std::size_t keys_per_question = 10'000;
inline constexpr std::size_t key_bytes_per_question = 8U << 20U;

/// How many of `keys`, from the first on, one question may have: 1 at least.
[[nodiscard]] std::size_t keys_that_fit(std::span<const std::string> keys);

/// Times of the rows, as they are now, that have one of `keys` (literals_of()
/// of `key`, not more than keys_per_question) in the gold's `over` table.
[[nodiscard]] question times_of_keys(const feed& about,
                                     std::string_view database,
                                     const std::vector<std::string>& key,
                                     std::span<const std::string> keys);

/// Times of the rows of the `over` table that are joined to the rows, as they
/// are now, that have one of `keys` in the joined table.
[[nodiscard]] question times_of_joined_keys(const feed& about,
                                            std::string_view database,
                                            const std::vector<std::string>& key,
                                            std::span<const std::string> keys);

/// Times of the rows of the `over` table that are joined to any of `values`
/// (literals_of() the joined table's column).
[[nodiscard]] question
times_of_joined_values(const feed& about, std::string_view database,
                       std::span<const std::string> values);

/// Rows of a cut in silver, visible or not.
struct cut_rows {
  gold::cut_name cut;
  /// Which of its offsets: half-open ranges.
  std::vector<std::pair<std::int64_t, std::int64_t>> offsets;
};

/// Times of these rows of the `over` table.
[[nodiscard]] question times_of_rows(const feed& about,
                                     std::string_view database,
                                     const cut_rows& which);

/// Times of the rows of the `over` table that are joined to these rows.
[[nodiscard]] question times_of_joined_rows(const feed& about,
                                            std::string_view database,
                                            const cut_rows& which);

/// The times of an answer; none is an answer. The error says which line is
/// none.
[[nodiscard]] tl::expected<std::vector<std::int64_t>, std::string>
parse_times(std::string_view tab_separated);

} // namespace sluice::marks
