// What goes through the pipeline in a schedule, and what must come out.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
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
/// the append table `user_events`.
inline constexpr const char* orders_topic = "orders";
inline constexpr const char* users_topic = "users";

using layouts =
    std::map<std::string, std::shared_ptr<const silver::table_layout>>;

/// The topology of every schedule; its tuning is drawn by each.
[[nodiscard]] topology::topology make_topology();
[[nodiscard]] layouts lay_out(const topology::topology& what);

/// A record that a source could have written: mostly inserts, some deletes,
/// some tombstones, some that cannot be decoded. `id` is the row's key.
[[nodiscard]] kafka::owned_record make_record(random_source& chance,
                                              std::int64_t id);

/// What a table must make of a record.
enum class fate { row, deletion, nothing, dead_letter };
[[nodiscard]] fate fate_of(const kafka::owned_record& record,
                           const topology::table& table);
/// The key of a record that make_record made.
[[nodiscard]] std::int64_t id_of(const kafka::owned_record& record);
/// The amount of a record that is a row.
[[nodiscard]] std::int64_t amount_of(const kafka::owned_record& record);

} // namespace sluice::simulation
