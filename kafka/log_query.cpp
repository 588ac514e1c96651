#include "kafka/log_query.hpp"

namespace sluice::kafka {

namespace {

/// `which` is a "timestamp" of Kafka's ListOffsets request: -2 the earliest
/// offset, -1 the latest (as RD_KAFKA_OFFSET_BEGINNING and _END).
tl::expected<std::vector<std::int64_t>, rd_kafka_resp_err_t>
ask(const client& from, std::span<const topic_partition> partitions,
    std::int64_t which, int timeout_ms) {
  partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto& each : partitions)
    rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(),
                                      each.partition)
        ->offset = which;
  const auto error =
      rd_kafka_offsets_for_times(from.get(), list.get(), timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected{error};
  std::vector<std::int64_t> result;
  result.reserve(partitions.size());
  for (const auto& item :
       std::span{list->elems, static_cast<std::size_t>(list->cnt)}) {
    if (item.err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return tl::unexpected{item.err};
    if (item.offset < 0)
      return tl::unexpected{RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE};
    result.push_back(item.offset);
  }
  return result;
}

} // namespace

tl::expected<log_bounds, rd_kafka_resp_err_t>
query_bounds(const client& from, const topic_partition& where, int timeout_ms) {
  const auto found = query_bounds(from, std::span{&where, 1}, timeout_ms);
  if (!found)
    return tl::unexpected{found.error()};
  return found->front();
}

tl::expected<std::vector<log_bounds>, rd_kafka_resp_err_t>
query_bounds(const client& from, std::span<const topic_partition> partitions,
             int timeout_ms) {
  const auto starts =
      ask(from, partitions, RD_KAFKA_OFFSET_BEGINNING, timeout_ms);
  if (!starts)
    return tl::unexpected{starts.error()};
  const auto ends = query_log_ends(from, partitions, timeout_ms);
  if (!ends)
    return tl::unexpected{ends.error()};
  std::vector<log_bounds> result;
  result.reserve(partitions.size());
  for (std::size_t i = 0; i < partitions.size(); ++i)
    result.push_back({(*starts)[i], (*ends)[i]});
  return result;
}

tl::expected<std::vector<std::int64_t>, rd_kafka_resp_err_t>
query_log_ends(const client& from, std::span<const topic_partition> partitions,
               int timeout_ms) {
  return ask(from, partitions, RD_KAFKA_OFFSET_END, timeout_ms);
}

} // namespace sluice::kafka
