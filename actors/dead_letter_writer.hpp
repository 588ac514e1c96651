// Puts what cannot be decoded on the dead-letter topic, and holds the cut back
// until it is there: a record is in silver or in the dead letters, never lost.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/backoff.hpp"
#include "actors/interfaces.hpp"
#include "kafka/sink.hpp"

namespace sluice::actors {

struct dead_letter_writer_parts {
  std::shared_ptr<kafka::record_sink> sink;
  std::string topic;
  metrics_actor reports;
};

class dead_letter_writer_state {
public:
  static inline const char* name = "dead_letter_writer";
  using promise = caf::typed_response_promise<records_kept>;

  explicit dead_letter_writer_state(dead_letter_writer_actor::pointer self)
      : self_{self} {}

  void start(dead_letter_writer_parts parts) { parts_ = std::move(parts); }
  promise keep(const records_rejected& rejected, promise answer);
  void handle(const dead_letter_answered& answer);
  void retry();

private:
  /// The dead letters of one cut; answered when none is missing.
  struct bundle {
    records_rejected rejected;
    promise answer;
    std::size_t missing = 0;
  };
  struct failed_letter {
    std::uint64_t bundle;
    std::size_t index;
  };

  void send(std::uint64_t id, std::size_t index);
  void tell_trouble(const std::string& reason);

  dead_letter_writer_actor::pointer self_;
  dead_letter_writer_parts parts_;
  std::map<std::uint64_t, bundle> bundles_;
  std::uint64_t next_bundle_ = 0;
  std::vector<failed_letter> failed_;
  backoff wait_{std::chrono::seconds{1}, std::chrono::seconds{30}};
  std::string trouble_;
};

dead_letter_writer_actor::behavior_type dead_letter_writer(
    dead_letter_writer_actor::stateful_pointer<dead_letter_writer_state> self,
    dead_letter_writer_parts parts);

} // namespace sluice::actors
