// Owners of librdkafka's C objects. Only this module's sources include it.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>
#include <tl/expected.hpp>

#include "kafka/record.hpp"

namespace sluice::kafka {

/// Calls the C function `Free` as a deleter.
template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using admin_options_ptr =
    std::unique_ptr<rd_kafka_AdminOptions_t,
                    freed_by<rd_kafka_AdminOptions_destroy>>;
using partition_list_ptr =
    std::unique_ptr<rd_kafka_topic_partition_list_t,
                    freed_by<rd_kafka_topic_partition_list_destroy>>;
using queue_ptr =
    std::unique_ptr<rd_kafka_queue_t, freed_by<rd_kafka_queue_destroy>>;
using event_ptr =
    std::unique_ptr<rd_kafka_event_t, freed_by<rd_kafka_event_destroy>>;
using error_ptr =
    std::unique_ptr<rd_kafka_error_t, freed_by<rd_kafka_error_destroy>>;
using message_ptr =
    std::unique_ptr<rd_kafka_message_t, freed_by<rd_kafka_message_destroy>>;
using topic_ptr =
    std::unique_ptr<rd_kafka_topic_t, freed_by<rd_kafka_topic_destroy>>;
using metadata_ptr = std::unique_ptr<const rd_kafka_metadata_t,
                                     freed_by<rd_kafka_metadata_destroy>>;

/// librdkafka settings by name.
using settings = std::map<std::string, std::string>;

/// One librdkafka instance. Messages and queues keep references into it, so
/// whoever holds those also holds this. Destruction joins its threads (some
/// milliseconds) and never talks to a broker.
class client {
  struct only_make {};

public:
  explicit client(only_make) {}
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client() = default;

  [[nodiscard]] rd_kafka_t* get() const { return handle_.get(); }
  [[nodiscard]] const std::string& brokers() const { return brokers_; }
  /// The last connection failure in librdkafka's words ("Connection refused");
  /// empty when there was none. Thread-safe.
  [[nodiscard]] std::string last_failure() const;

  /// What to prepare before the instance is made.
  struct plan {
    rd_kafka_type_t type = RD_KAFKA_CONSUMER;
    std::string brokers = {};
    /// A person's pass-through settings; they come first, `pinned` wins.
    settings properties = {};
    settings pinned = {};
    /// Settings that only some versions of librdkafka know.
    settings if_known = {};
    /// RD_KAFKA_EVENT_* to be delivered as events.
    int events = 0;
    /// For producers: called from rd_kafka_poll.
    void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr;
  };
  /// The error names the setting that was refused, in one line.
  [[nodiscard]] static tl::expected<std::shared_ptr<client>, std::string>
  make(const plan& wanted);

  /// Keeps `one`, idle, until the process ends.
  static void never_destroy(std::shared_ptr<client> one);

private:
  static void on_log(const rd_kafka_t* rk, int level, const char* facility,
                     const char* text);
  struct destroyer {
    void operator()(rd_kafka_t* rk) const;
  };
  std::string brokers_;
  mutable std::mutex mutex_;
  std::string last_failure_;
  // Destroyed first: its threads log into the members above.
  std::unique_ptr<rd_kafka_t, destroyer> handle_;
};

/// A list of one partition with an offset.
[[nodiscard]] partition_list_ptr
list_of(const topic_partition& tp,
        std::int64_t offset = RD_KAFKA_OFFSET_INVALID);

/// One clear line for an error that concerns the connection or a topic, with
/// what to do about it. `detail` is librdkafka's text; may be empty.
[[nodiscard]] std::string describe(rd_kafka_resp_err_t error,
                                   std::string_view detail,
                                   std::string_view brokers);
/// For an answer that did not come: the last connection failure tells more
/// than "timed out".
[[nodiscard]] std::string describe(rd_kafka_resp_err_t error,
                                   const client& from);

/// For librdkafka's timeouts, at least 1 ms and within int.
[[nodiscard]] int to_timeout(std::chrono::milliseconds duration);

} // namespace sluice::kafka
