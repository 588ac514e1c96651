// One partition read without a group, on the caller's thread.
#pragma once

#include <cstdint>

#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

/// librdkafka's plain consumer, which knows no group, so that no rights on one
/// are needed. One per client and partition at a time; not thread-safe; must
/// not outlive `from`. Destruction stops the fetcher (some milliseconds).
class plain_reader {
public:
  plain_reader(const client& from, const topic_partition& where);
  ~plain_reader();
  plain_reader(const plain_reader&) = delete;
  plain_reader& operator=(const plain_reader&) = delete;

  /// The next messages are those from `offset` on; a few before it may come
  /// first where reading on is cheaper than seeking.
  [[nodiscard]] rd_kafka_resp_err_t go_to(std::int64_t offset);
  /// As go_to, after an error that has stopped the fetcher.
  [[nodiscard]] rd_kafka_resp_err_t restart_at(std::int64_t offset);
  /// nullptr when nothing came within `timeout_ms`. The message may be an
  /// error, or the log's end (RD_KAFKA_RESP_ERR__PARTITION_EOF).
  [[nodiscard]] message_ptr next(int timeout_ms);

private:
  topic_ptr topic_;
  std::int32_t partition_;
  std::int64_t next_ = -1;
  bool started_ = false;
};

/// What a plain reader's client needs beside its brokers: committed records
/// only, CRCs checked, no jump when an offset is not there, no offset stored,
/// at most about 4 MiB fetched ahead.
[[nodiscard]] settings plain_reader_settings();

} // namespace sluice::kafka
