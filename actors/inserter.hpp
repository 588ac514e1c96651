// Blocks in ClickHouse so that nobody else has to.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "actors/interfaces.hpp"
#include "clickhouse/client.hpp"
#include "silver/table_layout.hpp"

namespace sluice::actors {

/// Where an inserter writes.
struct inserter_target {
  std::shared_ptr<clickhouse::endpoint> endpoint;
  std::shared_ptr<const silver::table_layout> layout;
  std::string database;
  /// After which ClickHouse itself ends an INSERT, so that it is known when one
  /// that nobody waits for any more cannot take effect.
  std::chrono::milliseconds longest_insert{std::chrono::minutes{5}};
};

/// Spawn detached. Owns one connection; answers each attempt and each question
/// with its outcome and decides nothing.
inserter_actor::behavior_type inserter(inserter_actor::pointer self,
                                       inserter_target target);

} // namespace sluice::actors
