// Puts dead letters into the tables that they were refused by, once more and
// exactly once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cdc/decoder.hpp"
#include "clickhouse/client.hpp"
#include "kafka/dead_letter.hpp"
#include "silver/table_layout.hpp"

namespace sluice::cli {

struct replayed_letter {
  enum class result {
    /// ClickHouse has acknowledged its row.
    written,
    /// Its row was there already.
    found,
    /// Today's topology makes no row of such a record.
    ignored,
    /// It stays a letter, for the reason given.
    stays,
  };
  result what = result::stays;
  std::string reason;
};

/// `<pipeline>/<table>/dlq/<topic>/<partition>/<epoch>/<offset>`: bound to this
/// one row for ever.
[[nodiscard]] std::string dlq_token(const std::string& pipeline,
                                    const kafka::dead_letter& letter);

/// Asks for (_partition, _epoch, _offset) of those of `letters` of which
/// `layout`'s table has a row, as TabSeparated.
[[nodiscard]] std::string
letters_in_silver_sql(const silver::table_layout& layout,
                      const std::string& database,
                      std::span<const kafka::dead_letter> letters);

/// Of one table. Blocks; one thread at a time.
///
/// The record is decoded with today's topology, but as what it was: with its
/// own partition, offset and epoch, and so the same `_version` (a replay of an
/// old record never beats a newer one). In a table of mode `append`, silver is
/// asked first whether the row is there. Each row is an INSERT of its own under
/// dlq_token(), so that two replays at once, or the late end of one that was
/// given up, cannot write it twice.
class letter_replayer {
public:
  /// `wait` sleeps between attempts while ClickHouse is overloaded or away.
  letter_replayer(clickhouse::client& on, std::string pipeline,
                  std::string database,
                  std::shared_ptr<const silver::table_layout> layout,
                  std::function<void(std::chrono::milliseconds)> wait);

  /// What became of each letter, in their order; the letters must be of this
  /// table. An error means that ClickHouse could not be asked or did not take
  /// any more inserts: nobody knows of these letters then, and a repetition is
  /// exact.
  [[nodiscard]] tl::expected<std::vector<replayed_letter>, clickhouse::error>
  replay(std::span<const kafka::dead_letter> letters);

private:
  struct identity {
    std::int64_t partition;
    std::int64_t epoch;
    std::int64_t offset;
    auto operator<=>(const identity&) const = default;
  };
  using identities = std::set<identity>;

  [[nodiscard]] static identity identity_of(const kafka::dead_letter& letter);
  [[nodiscard]] tl::expected<identities, clickhouse::error>
  ask(std::span<const kafka::dead_letter> letters);
  [[nodiscard]] tl::expected<replayed_letter, clickhouse::error>
  write(const kafka::dead_letter& letter);
  [[nodiscard]] tl::expected<replayed_letter, clickhouse::error>
  insert(const kafka::dead_letter& letter);
  [[nodiscard]] bool shows_every_row() const;

  clickhouse::client& on_;
  std::string pipeline_;
  std::string database_;
  std::shared_ptr<const silver::table_layout> layout_;
  std::function<void(std::chrono::milliseconds)> wait_;
  std::unique_ptr<cdc::decoder> decoder_;
  silver::block_builder builder_;
};

} // namespace sluice::cli
