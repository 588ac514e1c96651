#include <iostream>
#include <map>
#include <memory>
#include <set>

#include "cli/log_ends.hpp"
#include "cli/messages.hpp"
#include "cli/node_reports.hpp"
#include "cli/record_files.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "kafka/play.hpp"
#include "kafka/producer.hpp"

namespace sluice::cli {

namespace {

/// For each question to the broker.
constexpr std::chrono::seconds kafka_deadline{10};

struct play_arguments {
  std::vector<std::string> files;
  std::string brokers;
  std::string group;
  node_wish wish;
  bool if_empty = false;
};

/// Where to: --brokers, or the one running node that is meant.
tl::expected<pipeline_logs, std::string>
find_target(const play_arguments& arguments) {
  pipeline_logs result;
  if (!arguments.brokers.empty()) {
    result.at.brokers = arguments.brokers;
  } else {
    const auto nodes = find_wished_nodes(arguments.wish);
    if (!nodes)
      return tl::unexpected(nodes.error());
    const auto node = only_node(*nodes);
    if (!node)
      return tl::unexpected(node.error());
    if (!*node)
      return tl::unexpected(std::string{"no running node was found: start one "
                                        "with `sluice run FILE`, or name "
                                        "a broker with --brokers HOST:PORT"});
    status::report seen;
    seen.node.kafka_brokers = (*node)->kafka_brokers;
    seen.node.topology_file = (*node)->topology_file;
    seen.node.pipeline = (*node)->pipeline;
    result = logs_of(seen);
  }
  if (!arguments.group.empty())
    result.group = arguments.group;
  return result;
}

/// The first topic that holds or held records; empty: none does.
tl::expected<std::string, std::string> filled_topic(const pipeline_logs& of) {
  const auto ends = read_log_ends(of, kafka_deadline);
  if (!ends)
    return tl::unexpected(ends.error());
  for (const auto& [where, bounds] : *ends)
    if (bounds.end > 0)
      return where.topic;
  return std::string{};
}

/// Says once what is waited for.
class progress_lines {
public:
  void operator()(const kafka::play_progress& progress) {
    if (progress.waiting.empty() == said_.empty())
      return;
    said_ = progress.waiting;
    if (!said_.empty())
      note(said_);
  }

private:
  std::string said_;
};

/// Counts what goes by, by topic.
class counted_feed {
public:
  explicit counted_feed(record_files files) : files_{std::move(files)} {}

  tl::expected<std::optional<kafka::owned_record>, std::string> next() {
    auto record = files_.next();
    if (record && *record)
      ++counts_[(*record)->where.topic];
    return record;
  }
  [[nodiscard]] const std::map<std::string, std::size_t>& counts() const {
    return counts_;
  }

private:
  record_files files_;
  std::map<std::string, std::size_t> counts_;
};

int play(const play_arguments& arguments, const pipeline_logs& target) {
  kafka::play_options options;
  const auto topics = kafka::topic_partition_counts(target.at, kafka_deadline);
  if (!topics)
    return fail(topics.error());
  options.topics = *topics;
  const auto embedded = kafka::is_embedded_broker(target.at, kafka_deadline);
  if (!embedded)
    return fail(embedded.error());
  std::unique_ptr<kafka::group_positions> readers;
  if (*embedded) {
    options.unread.emplace();
    if (!target.group.empty()) {
      auto made = kafka::group_positions::make(target.at, target.group);
      if (!made)
        return fail(made.error());
      readers = std::move(*made);
      options.readers = readers.get();
    }
  }
  const auto sink = kafka::make_producer(
      {.brokers = target.at.brokers, .properties = target.at.properties});
  if (!sink)
    return fail(sink.error());
  counted_feed feed{record_files{arguments.files}};
  progress_lines progress;
  const auto played = kafka::play([&feed] { return feed.next(); }, options,
                                  **sink, std::ref(progress));
  if (!played)
    return fail(played.error());
  for (const auto& [topic, count] : feed.counts())
    std::cout << "played " << count << (count == 1 ? " record" : " records")
              << " onto " << topic << '\n';
  return exit_ok;
}

int run(const play_arguments& arguments) {
  // A mistake in the last line must not be found when the rest is played.
  const auto topics = topics_in(arguments.files);
  if (!topics)
    return refuse(topics.error());
  const auto target = find_target(arguments);
  if (!target)
    return fail(target.error());
  if (!arguments.if_empty)
    return play(arguments, *target);
  auto of_files = *target;
  of_files.topics.assign(topics->begin(), topics->end());
  const auto filled = filled_topic(of_files);
  if (!filled)
    return fail(filled.error());
  if (filled->empty())
    return play(arguments, *target);
  std::cout << "nothing played: topic " << *filled << " is not empty\n";
  return exit_ok;
}

} // namespace

void add_kafka_play(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<play_arguments>();
  auto* verb = to.add_subcommand(
      "play", "put recorded records onto topics, in the files' order");
  verb->footer(
      "A file has one JSON object a line: topic, and if wanted partition, "
      "timestamp (ms),\nheaders, key, value (text or null), or key_b64 and "
      "value_b64. Without a partition the\nkey's hash decides, as in Kafka's "
      "own client. All files are read through before the\nfirst record is "
      "sent.\n\n"
      "The target is --brokers, or the running node (its broker and its "
      "consumer group). An\nembedded broker holds about 5 MiB of each "
      "partition: play waits for the group to read\ninstead of passing that.");
  verb->add_option("FILE", arguments->files, "files of records (.jsonl)")
      ->required()
      ->type_name("");
  verb->add_option("--brokers", arguments->brokers, "the Kafka to play to")
      ->type_name("HOST:PORT");
  verb->add_option("--group", arguments->group,
                   "the consumer group to wait for (default: the node's)")
      ->type_name("NAME");
  verb->add_option_function<std::string>(
          "--pipeline",
          [arguments](const std::string& name) {
            arguments->wish.pipeline = name;
          },
          "the running node of this pipeline")
      ->type_name("NAME");
  add_data(*verb, arguments->wish.data_directory,
           "the running node with this data directory");
  verb->add_flag("--if-empty", arguments->if_empty,
                 "play nothing when one of the files' topics already has "
                 "records");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return run(*arguments); };
  });
}

} // namespace sluice::cli
