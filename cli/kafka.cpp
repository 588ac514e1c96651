#include <chrono>
#include <iostream>
#include <memory>

#include "actors/signals.hpp"
#include "cli/arguments.hpp"
#include "cli/messages.hpp"
#include "cli/verbs.hpp"
#include "kafka/control_log.hpp"
#include "kafka/embedded_broker.hpp"

namespace sluice::cli {

namespace {

/// For what was produced last to reach the journal at the end.
constexpr std::chrono::seconds journal_deadline{10};

struct kafka_arguments {
  std::string data;
  std::vector<std::string> topics;
  std::string group;
};

tl::expected<std::vector<kafka::topic_plan>, std::string>
topics_of(const kafka_arguments& arguments) {
  std::vector<kafka::topic_plan> result;
  for (const auto& text : arguments.topics) {
    const auto topic = parse_topic_spec(text);
    if (!topic)
      return tl::unexpected("--topic: " + topic.error());
    result.push_back({topic->name, topic->partitions});
  }
  return result;
}

int serve(const kafka_arguments& arguments) {
  if (arguments.data.empty())
    return refuse("--data is required: the directory of the broker's journal");
  const auto topics = topics_of(arguments);
  if (!topics)
    return refuse(topics.error());
  // Before librdkafka starts its threads.
  actors::block_stop_signals();
  kafka::embedded_broker_options options;
  options.directory = arguments.data;
  options.topics = *topics;
  options.group = arguments.group;
  if (!arguments.group.empty())
    options.unread_topics = {{kafka::control_topic(arguments.group), 1}};
  options.trouble = [](const std::string& line) { note(line); };
  const auto broker = kafka::embedded_broker::start(std::move(options));
  if (!broker)
    return fail(broker.error());
  for (const auto& line : (*broker)->notices())
    note(line);
  if (!(*broker)->is_played_back())
    note("some records come back only as the group " + arguments.group
         + " reads; until then nothing else may write to these topics");
  std::cout << (*broker)->brokers() << std::endl;
  while (!actors::wait_for_stop(std::chrono::hours{1})) {
    // nop
  }
  const auto kept = (*broker)->wait_journaled(journal_deadline);
  return kept ? exit_ok : fail(kept.error());
}

} // namespace

void add_kafka(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<kafka_arguments>();
  auto* verb = to.add_subcommand(
      "kafka", "run the embedded broker alone, or play records onto topics");
  verb->footer(
      "Without a subcommand: runs a broker on the loopback until SIGTERM or "
      "Ctrl-C and prints\nits address, 127.0.0.1:PORT. Topics, records and "
      "commits are journaled in DIR and come\nback at the next start. It is "
      "made for development: it holds about 5 MiB of each\npartition at a "
      "time.\n\n"
      "  sluice kafka --data DIR --topic users:4 --topic events:4");
  verb->require_subcommand(0, 1);
  verb->add_option("--data", arguments->data,
                   "directory of the journal; created when missing")
      ->type_name("DIR");
  verb->add_option("--topic", arguments->topics,
                   "a topic to create when it is missing (repeatable)")
      ->type_name("NAME:PARTITIONS")
      ->allow_extra_args(false);
  verb->add_option("--group", arguments->group,
                   "the consumer group whose unread records must be kept, "
                   "whose commits are journaled and whose control log is made")
      ->type_name("NAME");
  add_kafka_play(*verb, chosen);
  verb->callback([&chosen, arguments, verb] {
    if (verb->get_subcommands().empty())
      chosen = [arguments] { return serve(*arguments); };
  });
}

} // namespace sluice::cli
