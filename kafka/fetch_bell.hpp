// librdkafka's word that a partition's fetch queue is no longer empty, and who
// hears it.
#pragma once

#include <memory>
#include <mutex>

#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

class partition_reader;

/// librdkafka has one callback for each partition's queue, while a partition
/// that is lost and comes back at once has two readers for a moment: the former
/// owner may let go of its own only after the new one was made, and must not
/// silence it. So the bell outlives the readers, and only the newest hears it.
/// Thread-safe.
class fetch_bell {
public:
  explicit fetch_bell(std::shared_ptr<client> of);
  /// Waits for a call under way.
  ~fetch_bell();
  fetch_bell(const fetch_bell&) = delete;
  fetch_bell& operator=(const fetch_bell&) = delete;

  /// From here on `reader`, which reads `queue`, hears it, and nobody else.
  void attach(partition_reader& reader, queue_ptr queue);
  /// `reader` is destroyed: it is not called any more when this returns.
  /// Nothing happens when another one has taken its place.
  void detach(const partition_reader& reader);

private:
  static void ring(rd_kafka_t* rk, void* opaque);
  void silence();

  std::shared_ptr<client> of_;
  queue_ptr queue_;
  std::mutex mutex_;
  partition_reader* reader_ = nullptr;
};

} // namespace sluice::kafka
