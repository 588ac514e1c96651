// Where a group stands in a topic, seen from outside the group.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/source.hpp"
#include "kafka/topics.hpp"

namespace sluice::kafka {

/// The questions that `play` and the embedded broker ask; tests have a fake.
class position_reader {
public:
  virtual ~position_reader() = default;
  position_reader() = default;
  position_reader(const position_reader&) = delete;
  position_reader& operator=(const position_reader&) = delete;

  /// Log bounds of one partition. Blocks two seconds at most.
  [[nodiscard]] virtual tl::expected<log_bounds, std::string>
  bounds(const topic_partition& where) = 0;
  /// What the group has committed for each partition. Blocks a second at
  /// most.
  [[nodiscard]] virtual tl::expected<
      std::map<topic_partition, committed_position>, std::string>
  committed(const std::vector<topic_partition>& partitions) = 0;
};

/// Reads the positions of `group` without joining it. Thread-safe.
class group_positions final : public position_reader {
  struct state;

public:
  explicit group_positions(std::unique_ptr<state> own);
  /// Fails only for refused settings.
  [[nodiscard]] static tl::expected<std::unique_ptr<group_positions>,
                                    std::string>
  make(const broker_address& at, const std::string& group);
  ~group_positions() override;

  tl::expected<log_bounds, std::string>
  bounds(const topic_partition& where) override;
  tl::expected<std::map<topic_partition, committed_position>, std::string>
  committed(const std::vector<topic_partition>& partitions) override;

  /// Commits for the group from outside, which brokers accept only while the
  /// group has no members. Blocks.
  [[nodiscard]] tl::expected<void, std::string>
  commit(const std::map<topic_partition, committed_position>& positions);

private:
  std::unique_ptr<state> own_;
};

} // namespace sluice::kafka
