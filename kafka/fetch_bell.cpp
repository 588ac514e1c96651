#include "kafka/fetch_bell.hpp"

#include <utility>

#include "kafka/partition_reader.hpp"

namespace sluice::kafka {

fetch_bell::fetch_bell(std::shared_ptr<client> of) : of_{std::move(of)} {}

fetch_bell::~fetch_bell() { silence(); }

void fetch_bell::silence() {
  if (queue_)
    rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
}

void fetch_bell::attach(partition_reader& reader, queue_ptr queue) {
  {
    const std::lock_guard lock{mutex_};
    reader_ = &reader;
  }
  // Without the lock: librdkafka calls ring() with the queue locked.
  silence();
  queue_ = std::move(queue);
  rd_kafka_queue_cb_event_enable(queue_.get(), &ring, this);
}

void fetch_bell::detach(const partition_reader& reader) {
  const std::lock_guard lock{mutex_};
  if (reader_ == &reader)
    reader_ = nullptr;
}

void fetch_bell::ring(rd_kafka_t* /*rk*/, void* opaque) {
  auto& bell = *static_cast<fetch_bell*>(opaque);
  const std::lock_guard lock{bell.mutex_};
  if (bell.reader_)
    bell.reader_->notify();
}

} // namespace sluice::kafka
