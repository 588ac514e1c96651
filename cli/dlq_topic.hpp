// The dead-letter topic of a topology, as the `dlq` commands reach it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <CLI/App.hpp>
#include <tl/expected.hpp>

#include "cli/caught_up.hpp"
#include "cli/dlq_index.hpp"
#include "kafka/record_fetch.hpp"
#include "kafka/sink.hpp"
#include "kafka/topics.hpp"
#include "topology/topology.hpp"

namespace sluice::cli {

/// What the commands of `dlq` have in common.
struct dlq_arguments {
  std::string file;
  std::optional<std::filesystem::path> data;
  letter_choice choice;
  std::string offsets;
  bool json = false;
};

/// Adds FILE, --data, --json and the options that choose letters.
void add_dlq_arguments(CLI::App& to, dlq_arguments& arguments);

/// Reads every record of `logs` once, partition by partition, some hundred at a
/// time; offsets without a record are passed over. The error is one line.
[[nodiscard]] tl::expected<void, std::string>
scan_log(kafka::record_fetcher& from, const log_goals& logs,
         const std::function<void(kafka::owned_record)>& see);

class dlq_topic {
public:
  /// The topic as it is now: on the topology's brokers, or on those of the
  /// running node when they are embedded. Blocks up to some seconds. The error
  /// is one line.
  [[nodiscard]] static tl::expected<dlq_topic, std::string>
  open(const topology::topology& what,
       const std::optional<std::filesystem::path>& data);

  /// Reads the whole topic.
  [[nodiscard]] tl::expected<letter_index, std::string> read();
  /// One letter again, with the bytes of its original.
  [[nodiscard]] tl::expected<kafka::dead_letter, std::string>
  fetch(const letter_place& place);
  /// Notes on the topic that these letters were replayed; returns when all
  /// in-sync replicas have it. The error is one line.
  [[nodiscard]] tl::expected<void, std::string>
  note_replayed(const std::vector<letter_place>& places);

private:
  dlq_topic() = default;

  kafka::broker_address at_;
  std::string topic_;
  log_goals logs_;
  std::unique_ptr<kafka::record_fetcher> fetcher_;
  std::unique_ptr<kafka::record_sink> sink_;
};

} // namespace sluice::cli
