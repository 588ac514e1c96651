// bench_events: fills topics with made-up Debezium events, and tells as JSON
// what they lead to. Options as `--name value`; `--topics` is a list of
// NAME=STREAM[:SEED], separated by commas.
#include <algorithm>
#include <charconv>
#include <iostream>
#include <string_view>

#include <nlohmann/json.hpp>

#include "bench/arguments.hpp"
#include "bench/topic_filler.hpp"

namespace sluice::bench {

namespace {

tl::expected<filled_topic, std::string> parse_topic(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return tl::unexpected("--topics wants NAME=STREAM[:SEED], not '"
                          + std::string{text} + "'");
  filled_topic result;
  result.name = text.substr(0, equals);
  const auto rest = text.substr(equals + 1);
  const auto colon = rest.find(':');
  result.stream = rest.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto seed = rest.substr(colon + 1);
    const auto* end = seed.data() + seed.size();
    const auto read = std::from_chars(seed.data(), end, result.seed);
    if (read.ec != std::errc{} || read.ptr != end)
      return tl::unexpected("no seed: '" + std::string{seed} + "'");
  }
  return result;
}

tl::expected<fill_options, std::string> read(const arguments& given) {
  fill_options result;
  result.brokers = given.text("brokers");
  result.codec = given.text("codec");
  std::string_view topics = given.text("topics");
  while (!topics.empty()) {
    const auto comma = std::min(topics.find(','), topics.size());
    auto topic = parse_topic(topics.substr(0, comma));
    if (!topic)
      return tl::unexpected(topic.error());
    result.topics.push_back(std::move(*topic));
    topics.remove_prefix(std::min(comma + 1, topics.size()));
  }
  const auto messages = given.number("messages");
  const auto partitions = given.number("partitions");
  const auto batch = given.number("batch-bytes");
  const auto rate = given.number("rate");
  for (const auto& each : {messages, partitions, batch, rate})
    if (!each)
      return tl::unexpected(each.error());
  constexpr std::uint64_t partitions_max = 10'000;
  if (*partitions == 0 || *partitions > partitions_max)
    return tl::unexpected(std::string{"--partitions is not in 1..10000"});
  result.messages = *messages;
  result.partitions = static_cast<int>(*partitions);
  result.batch_bytes = *batch;
  result.rate = *rate;
  return result;
}

nlohmann::json to_json(const fill_report& report) {
  // Sums exceed what a double holds: they are texts.
  auto tables = nlohmann::json::array();
  for (const auto& each : report.topics)
    tables.push_back({{"topic", each.name},
                      {"messages", each.messages},
                      {"rows", each.table.rows},
                      {"checksum", std::to_string(each.table.checksum)}});
  return {{"messages", report.messages},
          {"value_bytes", report.value_bytes},
          {"value_sum", std::to_string(report.value_sum)},
          {"seconds", report.seconds},
          {"tables", tables}};
}

int run(std::span<char* const> words) {
  const auto given = arguments::parse(words, {{"brokers", ""},
                                              {"topics", ""},
                                              {"messages", ""},
                                              {"partitions", "4"},
                                              {"codec", "none"},
                                              {"batch-bytes", "131072"},
                                              {"rate", "0"}});
  const auto options = given ? read(*given) : tl::unexpected(given.error());
  if (!options) {
    std::cerr << "bench_events: " << options.error() << '\n';
    return 2;
  }
  const auto report = fill_topics(*options);
  if (!report) {
    std::cerr << "bench_events: " << report.error() << '\n';
    return 1;
  }
  std::cout << to_json(*report) << '\n';
  return 0;
}

} // namespace

} // namespace sluice::bench

int main(int count, char** words) {
  return sluice::bench::run(
      std::span<char* const>{words, static_cast<std::size_t>(count)});
}
