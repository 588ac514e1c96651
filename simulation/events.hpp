// What happens to the cluster from outside, and when.
#pragma once

#include <map>
#include <string>

#include "simulation/node_set.hpp"
#include "simulation/table_resets.hpp"

namespace sluice::simulation {

class events {
public:
  events(cluster& what, node_set& nodes);

  /// Starts the nodes and plans the load and the events of the faulty time.
  void plan(instant faulty_for);
  /// Mends whatever is broken; at least one node runs afterwards.
  void heal();

private:
  [[nodiscard]] std::optional<int> new_instance();
  void produce(instant within);
  void append(const kafka::topic_partition& where, kafka::owned_record record);
  [[nodiscard]] bool is_joined(const std::string& table) const;
  void change_key(const kafka::topic_partition& from);
  [[nodiscard]] std::int64_t any_id(const kafka::topic_partition& where);
  void happen();
  void kill_node();
  void pause_node();
  void pause_newcomer();
  void leave_node();
  void lose_table();
  void stall_clickhouse();
  void restart_clickhouse();
  void delete_head();
  void delete_with_owners();
  void leave_gap();
  void reset_table();
  void stand_idle();
  [[nodiscard]] const kafka::topic_partition& any_partition();

  cluster& what_;
  stage& on_;
  node_set& nodes_;
  bool static_members_;
  /// Some rows are rejected by ClickHouse.
  bool poisons_;
  /// Retention may take what is not written yet. Not with gold: a row of it
  /// that a former owner has inserted is in silver without a mark.
  bool deletes_unread_;
  /// People reset tables; retention takes nothing then, so that every row must
  /// come again.
  bool resets_;
  /// By topic.
  std::map<std::string, source_table> sources_;
  table_resets people_;
  int last_instance_ = 0;
};

} // namespace sluice::simulation
