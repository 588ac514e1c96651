#include "cli/dlq_topic.hpp"

#include <algorithm>
#include <future>
#include <numeric>
#include <span>
#include <utility>

#include "cli/broker_choice.hpp"
#include "cli/log_ends.hpp"
#include "cli/topology_file.hpp"
#include "kafka/producer.hpp"

namespace sluice::cli {

namespace {

using namespace std::chrono_literals;

/// For each question to the broker.
constexpr std::chrono::milliseconds kafka_deadline = 10s;
/// For the records of one request.
constexpr std::chrono::milliseconds fetch_deadline = 30s;
/// Records of one request: a record may have some MiB.
constexpr std::int64_t records_at_once = 200;
/// Places in one note, far below a message's limit of 1 MiB.
constexpr std::size_t places_in_note = 10'000;

} // namespace

void add_dlq_arguments(CLI::App& to, dlq_arguments& arguments) {
  add_file(to, arguments.file);
  auto& choice = arguments.choice;
  to.add_option("--table", choice.table, "only letters of this table")
      ->type_name("NAME");
  to.add_option("--reason", choice.reason, "only letters with this reason")
      ->type_name("WORD");
  to.add_option("--topic", choice.topic, "only records of this topic")
      ->type_name("NAME");
  to.add_option("--partition", choice.partition,
                "only records of this partition")
      ->type_name("N");
  to.add_option("--offset", arguments.offsets,
                "only the record at this offset, or in a range: 42-50")
      ->type_name("N");
  to.add_flag("--json", arguments.json, "print JSON");
  add_data(to, arguments.data,
           "data directory of the node (default: the one that is running)");
}

tl::expected<void, std::string>
scan_log(kafka::record_fetcher& from, const log_goals& logs,
         const std::function<void(kafka::owned_record)>& see) {
  for (const auto& [where, log] : logs)
    for (auto at = log.start; at < log.end; at += records_at_once) {
      std::vector<std::int64_t> offsets(
          static_cast<std::size_t>(std::min(records_at_once, log.end - at)));
      std::iota(offsets.begin(), offsets.end(), at);
      auto records = from.fetch(where, offsets, fetch_deadline);
      if (!records)
        return tl::unexpected(records.error());
      for (auto& record : *records)
        if (record)
          see(std::move(*record));
    }
  return {};
}

tl::expected<dlq_topic, std::string>
dlq_topic::open(const topology::topology& what,
                const std::optional<std::filesystem::path>& data) {
  auto at = find_brokers(what, data);
  if (!at)
    return tl::unexpected(std::move(at.error()));
  dlq_topic result;
  result.at_ = std::move(*at);
  result.topic_ = what.kafka.dead_letter_topic;
  auto logs = read_log_ends({result.at_, {result.topic_}, what.kafka.group},
                            kafka_deadline);
  if (!logs)
    return tl::unexpected(std::move(logs.error()));
  result.logs_ = std::move(*logs);
  auto fetcher = kafka::make_record_fetcher(result.at_);
  if (!fetcher)
    return tl::unexpected(std::move(fetcher.error()));
  result.fetcher_ = std::move(*fetcher);
  return result;
}

tl::expected<letter_index, std::string> dlq_topic::read() {
  letter_index result;
  const auto done =
      scan_log(*fetcher_, logs_, [&result](kafka::owned_record record) {
        result.see(std::move(record));
      });
  if (!done)
    return tl::unexpected(done.error());
  return result;
}

tl::expected<kafka::dead_letter, std::string>
dlq_topic::fetch(const letter_place& place) {
  const auto records = fetcher_->fetch(
      {topic_, place.partition}, std::span{&place.offset, 1}, fetch_deadline);
  if (!records)
    return tl::unexpected(records.error());
  if (!records->front())
    return tl::unexpected("the letter at " + topic_ + '/'
                          + std::to_string(place.partition) + ", offset "
                          + std::to_string(place.offset)
                          + " is no longer on the topic: retention has deleted "
                            "it");
  return kafka::read_dead_letter(*records->front());
}

tl::expected<void, std::string>
dlq_topic::note_replayed(const std::vector<letter_place>& places) {
  if (!sink_) {
    auto sink = kafka::make_producer(
        {.brokers = at_.brokers, .properties = at_.properties});
    if (!sink)
      return tl::unexpected(std::move(sink.error()));
    sink_ = std::move(*sink);
  }
  for (std::size_t at = 0; at < places.size(); at += places_in_note) {
    const auto end = std::min(at + places_in_note, places.size());
    auto note =
        make_replayed_note({places.begin() + static_cast<std::ptrdiff_t>(at),
                            places.begin() + static_cast<std::ptrdiff_t>(end)});
    note.where.topic = topic_;
    // The producer answers every record, after its delivery timeout at last.
    auto answer = std::make_shared<std::promise<std::string>>();
    auto kept = answer->get_future();
    sink_->send(note, [answer](std::string error) {
      answer->set_value(std::move(error));
    });
    if (auto error = kept.get(); !error.empty())
      return tl::unexpected(std::move(error));
  }
  return {};
}

} // namespace sluice::cli
