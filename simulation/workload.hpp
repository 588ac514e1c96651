// What goes through the pipeline in a schedule, and what must come out.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/record.hpp"
#include "silver/table_layout.hpp"
#include "simulation/broker.hpp"
#include "simulation/stage.hpp"
#include "topology/topology.hpp"

namespace sluice::simulation {

/// Topic `orders` feeds the append table `order_events`, spread over several
/// partitions of ClickHouse, and the latest table `orders`; topic `users` feeds
/// the append table `user_events` and the latest table `users`. All have the
/// columns `id`, `amount`, `link` (an id of the other topic) and `at`, the
/// event time.
inline constexpr const char* orders_topic = "orders";
inline constexpr const char* users_topic = "users";

using layouts =
    std::map<std::string, std::shared_ptr<const silver::table_layout>>;

/// The topology of every schedule; its tuning is drawn by each.
[[nodiscard]] topology::topology make_topology();
[[nodiscard]] layouts lay_out(const topology::topology& what);

/// A table as its source knows it: what it says of a key makes sense, for a row
/// is created before it changes and after it was deleted.
class source_table {
public:
  /// `wary`: what it says of a key does not rely on what it has said before, as
  /// "created" does on a deletion and "updated" on a creation.
  source_table(stage& on, bool wary) : on_{on}, wary_{wary} {}

  /// The next record of the row `id`, which refers to the row `link`: some are
  /// tombstones, some cannot be decoded.
  [[nodiscard]] kafka::owned_record next(std::int64_t id, std::int64_t link);

  /// What is told when the row `id` gets the key `other`: it is deleted, and
  /// one like it is created.
  struct changed_key {
    kafka::owned_record removed;
    kafka::owned_record created;
  };
  /// std::nullopt: there is no such row, or `other` has one.
  [[nodiscard]] std::optional<changed_key> change_key(std::int64_t id,
                                                      std::int64_t other);

private:
  struct known_row {
    bool is_there = false;
    std::int64_t amount = 0;
    std::int64_t link = 0;
    std::int64_t at = 0;
  };
  [[nodiscard]] std::int64_t draw_time() const;
  void count_time(std::int64_t at);
  [[nodiscard]] char creation(bool is_new) const;

  stage& on_;
  bool wary_;
  /// Every row that was ever there.
  std::map<std::int64_t, known_row> rows_;
  std::int64_t newest_ = 0;
};

/// What a table must make of a record.
enum class fate { row, deletion, nothing, dead_letter };
[[nodiscard]] fate fate_of(const kafka::owned_record& record,
                           const topology::table& table);
/// The key of a record that a source_table made.
[[nodiscard]] std::int64_t id_of(const kafka::owned_record& record);
/// What a record that is a row says.
struct row_values {
  std::int64_t amount = 0;
  std::int64_t link = 0;
  std::int64_t at = 0;
  bool operator==(const row_values&) const = default;
};
[[nodiscard]] row_values values_of(const kafka::owned_record& record);

} // namespace sluice::simulation
