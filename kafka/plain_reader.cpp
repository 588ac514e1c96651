#include "kafka/plain_reader.hpp"

#include <utility>

namespace sluice::kafka {

namespace {

/// While the wanted offset is this near, the records before it are mostly
/// fetched already.
constexpr std::int64_t near = 500;
constexpr int seek_timeout_ms = 1000;

} // namespace

plain_reader::plain_reader(const client& from, const topic_partition& where)
    : topic_{rd_kafka_topic_new(from.get(), where.topic.c_str(), nullptr)},
      partition_{where.partition} {}

plain_reader::~plain_reader() {
  if (started_)
    rd_kafka_consume_stop(topic_.get(), partition_);
}

rd_kafka_resp_err_t plain_reader::go_to(std::int64_t offset) {
  if (started_ && offset >= next_ && offset - next_ < near)
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  next_ = offset;
  if (started_)
    return rd_kafka_seek(topic_.get(), partition_, offset, seek_timeout_ms);
  if (rd_kafka_consume_start(topic_.get(), partition_, offset) != 0)
    return rd_kafka_last_error();
  started_ = true;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t plain_reader::restart_at(std::int64_t offset) {
  if (std::exchange(started_, false))
    rd_kafka_consume_stop(topic_.get(), partition_);
  return go_to(offset);
}

message_ptr plain_reader::next(int timeout_ms) {
  message_ptr message{rd_kafka_consume(topic_.get(), partition_, timeout_ms)};
  if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
    next_ = message->offset + 1;
  return message;
}

settings plain_reader_settings() {
  return {{"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"auto.offset.reset", "error"},
          {"enable.partition.eof", "true"},
          {"allow.auto.create.topics", "false"},
          {"check.crcs", "true"},
          {"isolation.level", "read_committed"},
          {"fetch.error.backoff.ms", "10"},
          {"fetch.message.max.bytes", "262144"},
          {"queued.min.messages", "10000"},
          {"queued.max.messages.kbytes", "4096"}};
}

} // namespace sluice::kafka
