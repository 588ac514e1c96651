#include "kafka/group_positions.hpp"

#include <cstring>
#include <utility>

#include "kafka/log_query.hpp"
#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

namespace {

constexpr int question_timeout_ms = 1000;

} // namespace

struct group_positions::state {
  std::shared_ptr<client> link;
};

group_positions::group_positions(std::unique_ptr<state> own)
    : own_{std::move(own)} {}

group_positions::~group_positions() = default;

tl::expected<std::unique_ptr<group_positions>, std::string>
group_positions::make(const broker_address& at, const std::string& group) {
  auto link = client::make(
      {.type = RD_KAFKA_CONSUMER,
       .brokers = at.brokers,
       .properties = at.properties,
       .pinned = {{"group.id", group}, {"enable.auto.commit", "false"}}});
  if (!link)
    return tl::unexpected{link.error()};
  auto own = std::make_unique<state>();
  own->link = std::move(*link);
  return std::make_unique<group_positions>(std::move(own));
}

tl::expected<log_bounds, std::string>
group_positions::bounds(const topic_partition& where) {
  auto log = query_bounds(*own_->link, where, question_timeout_ms);
  if (!log)
    return tl::unexpected{to_string(where) + ": "
                          + describe(log.error(), *own_->link)};
  return *log;
}

tl::expected<std::map<topic_partition, committed_position>, std::string>
group_positions::committed(const std::vector<topic_partition>& partitions) {
  std::map<topic_partition, committed_position> result;
  if (partitions.empty())
    return result;
  partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& where : partitions)
    rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(),
                                      where.partition);
  auto error =
      rd_kafka_committed(own_->link->get(), list.get(), question_timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected{describe(error, *own_->link)};
  for (int i = 0; i < list->cnt; ++i) {
    const auto& item = list->elems[i];
    if (item.err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected{
          describe(item.err, item.topic, own_->link->brokers())};
    auto& position = result[{item.topic, item.partition}];
    if (item.offset >= 0)
      position.offset = item.offset;
    if (item.metadata)
      position.metadata.assign(static_cast<const char*>(item.metadata),
                               item.metadata_size);
  }
  return result;
}

tl::expected<void, std::string> group_positions::commit(
    const std::map<topic_partition, committed_position>& positions) {
  if (positions.empty())
    return {};
  auto* rk = own_->link->get();
  partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(positions.size()))};
  for (const auto& [where, position] : positions) {
    if (!position.offset)
      continue;
    auto* item = rd_kafka_topic_partition_list_add(
        list.get(), where.topic.c_str(), where.partition);
    item->offset = *position.offset;
    if (position.metadata.empty())
      continue;
    // Freed with the list.
    item->metadata = rd_kafka_mem_malloc(rk, position.metadata.size());
    std::memcpy(item->metadata, position.metadata.data(),
                position.metadata.size());
    item->metadata_size = position.metadata.size();
  }
  auto error = rd_kafka_commit(rk, list.get(), 0);
  for (int i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; ++i)
    error = list->elems[i].err;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected{describe(error, *own_->link)};
  return {};
}

} // namespace sluice::kafka
