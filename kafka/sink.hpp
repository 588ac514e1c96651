// The port through which records are put onto topics (dead letters, play).
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "kafka/record.hpp"

namespace sluice::kafka {

/// Thread-safe.
class record_sink {
public:
  virtual ~record_sink() = default;
  record_sink() = default;
  record_sink(const record_sink&) = delete;
  record_sink& operator=(const record_sink&) = delete;

  /// Sends a copy of `record` and calls `done` from another thread: with an
  /// empty string once all in-sync replicas have it, with the reason when it
  /// finally failed. A negative partition is chosen by the key's hash (murmur2,
  /// as the Java client does).
  virtual void send(const owned_record& record,
                    std::function<void(std::string error)> done) = 0;
  /// Waits until everything sent is answered, or the deadline has passed;
  /// false then.
  virtual bool flush(std::chrono::milliseconds deadline) = 0;
};

} // namespace sluice::kafka
