// One membership in the group that elects the leader.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "kafka/rdkafka.hpp"
#include "kafka/trouble_board.hpp"

namespace sluice::kafka {

/// From joining to leaving or to being expelled; used by one thread. A client
/// whose membership Kafka has ended never joins again (renewed_member says
/// why): it is left, and another one made.
///
/// librdkafka itself never gets a partition, so it fetches nothing.
class candidacy {
public:
  /// `tell` hears who leads, also several times the same. `troubles` outlives
  /// this; raises and clears "connection", "topic" and "group".
  candidacy(std::shared_ptr<client> link, std::string topic,
            std::function<void(bool leads)> tell, trouble_board& troubles);
  ~candidacy();
  candidacy(const candidacy&) = delete;
  candidacy& operator=(const candidacy&) = delete;

  /// Subscribes.
  [[nodiscard]] tl::expected<void, std::string> begin();
  /// Waits a fifth of a second at most for what the group says, and obeys.
  /// While something is wrong, up to a second longer.
  void turn();
  /// Kafka has ended it.
  [[nodiscard]] bool has_ended() const { return ended_; }
  /// Gives the lead up, then leaves; some 3 s at most. The last call.
  void leave();

private:
  using clock = std::chrono::steady_clock;
  void poll(std::chrono::milliseconds patience);
  void on_rebalance(rd_kafka_event_t* event);
  void on_error(rd_kafka_event_t* event);
  void watch_membership();
  void look_again();

  std::shared_ptr<client> link_;
  std::string topic_;
  std::function<void(bool)> tell_;
  trouble_board& troubles_;
  queue_ptr events_;
  /// What Kafka calls this member; empty: it has not joined yet.
  std::string member_;
  bool was_assigned_ = false;
  bool ended_ = false;
  bool leaving_ = false;
  clock::time_point next_look_;
};

} // namespace sluice::kafka
