#include "kafka/log_query.hpp"

namespace sluice::kafka {

namespace {

/// `which` is a "timestamp" of Kafka's ListOffsets request: -2 the earliest
/// offset, -1 the latest (as RD_KAFKA_OFFSET_BEGINNING and _END).
tl::expected<std::int64_t, rd_kafka_resp_err_t>
ask(const client& from, const topic_partition& where, std::int64_t which,
    int timeout_ms) {
  auto list = list_of(where, which);
  auto error = rd_kafka_offsets_for_times(from.get(), list.get(), timeout_ms);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
    error = list->elems[0].err;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected{error};
  if (list->elems[0].offset < 0)
    return tl::unexpected{RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE};
  return list->elems[0].offset;
}

} // namespace

tl::expected<log_bounds, rd_kafka_resp_err_t>
query_bounds(const client& from, const topic_partition& where, int timeout_ms) {
  auto start = ask(from, where, RD_KAFKA_OFFSET_BEGINNING, timeout_ms);
  if (!start)
    return tl::unexpected{start.error()};
  auto end = query_log_end(from, where, timeout_ms);
  if (!end)
    return tl::unexpected{end.error()};
  return log_bounds{*start, *end};
}

tl::expected<std::int64_t, rd_kafka_resp_err_t>
query_log_end(const client& from, const topic_partition& where,
              int timeout_ms) {
  return ask(from, where, RD_KAFKA_OFFSET_END, timeout_ms);
}

} // namespace sluice::kafka
