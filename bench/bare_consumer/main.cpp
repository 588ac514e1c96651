// bench_bare_consumer: reads a topic with librdkafka alone and tells as JSON
// how fast that went.
#include <iostream>

#include <nlohmann/json.hpp>

#include "bench/arguments.hpp"
#include "bench/bare_consumer.hpp"

namespace sluice::bench {

namespace {

int run(std::span<char* const> words) {
  const auto given = arguments::parse(words, {{"brokers", ""},
                                              {"topic", ""},
                                              {"queues", "one"},
                                              {"fetch-bytes", "1048576"},
                                              {"queued", "100000"},
                                              {"batch", "1000"}});
  if (!given) {
    std::cerr << "bench_bare_consumer: " << given.error() << '\n';
    return 2;
  }
  const auto fetch = given->number("fetch-bytes");
  const auto batch = given->number("batch");
  const auto queued = given->number("queued");
  if (!fetch || !batch || !queued || *batch == 0) {
    std::cerr << "bench_bare_consumer: --fetch-bytes, --queued and --batch are "
                 "whole numbers above 0\n";
    return 2;
  }
  consume_options options;
  options.brokers = given->text("brokers");
  options.topic = given->text("topic");
  options.queue_per_partition = given->text("queues") == "partition";
  options.fetch_bytes = *fetch;
  options.batch = *batch;
  options.queued_messages = *queued;
  const auto report = consume(options);
  if (!report) {
    std::cerr << "bench_bare_consumer: " << report.error() << '\n';
    return 1;
  }
  std::cout << nlohmann::json{{"messages", report->messages},
                              {"value_bytes", report->value_bytes},
                              {"value_sum", std::to_string(report->value_sum)},
                              {"seconds", report->seconds},
                              {"start_seconds", report->start_seconds},
                              {"cpu_seconds", report->cpu_seconds}}
            << '\n';
  return 0;
}

} // namespace

} // namespace sluice::bench

int main(int count, char** words) {
  return sluice::bench::run(
      std::span<char* const>{words, static_cast<std::size_t>(count)});
}
