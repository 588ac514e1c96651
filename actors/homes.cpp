#include "actors/homes.hpp"

#include <chrono>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "actors/launch.hpp"
#include "actors/log.hpp"
#include "kafka/topics.hpp"

namespace sluice::actors {

namespace {

/// For a disk that is slow; what is not durable by then was not appended.
constexpr std::chrono::seconds journal_deadline{10};

} // namespace

tl::expected<clickhouse_home, std::string>
open_clickhouse(const topology::clickhouse& where,
                const std::filesystem::path& data) {
  clickhouse_home result;
  if (!where.is_embedded()) {
    result.endpoint = clickhouse::http_endpoint(where);
    result.url = where.url;
    return result;
  }
  auto endpoint =
      clickhouse::embedded_endpoint(data / "clickhouse", where.database);
  if (!endpoint)
    return tl::make_unexpected(endpoint.error());
  auto server = clickhouse::serve_embedded(*endpoint, where.embedded_port);
  if (!server)
    return tl::make_unexpected(server.error());
  result.endpoint = std::move(*endpoint);
  result.server = std::move(*server);
  result.port = result.server->port();
  result.url = "http://127.0.0.1:" + std::to_string(result.port);
  return result;
}

tl::expected<kafka_home, std::string>
open_kafka(const topology::topology& what, const std::filesystem::path& data) {
  kafka_home result;
  if (!what.kafka.is_embedded()) {
    result.brokers = what.kafka.brokers;
    return result;
  }
  kafka::embedded_broker_options options;
  options.directory = data / "kafka";
  for (const auto& topic : topics_of(what))
    options.topics.push_back({topic, what.kafka.embedded.partitions});
  options.unread_topics = {{what.kafka.dead_letter_topic, 1},
                           {kafka::control_topic(what.kafka.group), 1}};
  options.group = what.kafka.group;
  options.trouble = [](std::string line) { log_line("embedded Kafka", line); };
  auto broker = kafka::embedded_broker::start(std::move(options));
  if (!broker)
    return tl::make_unexpected(broker.error());
  result.broker = std::move(*broker);
  for (const auto& notice : result.broker->notices())
    log_line("embedded Kafka", notice);
  result.brokers = result.broker->brokers();
  return result;
}

tl::expected<std::unique_ptr<kafka::control_log>, std::string>
open_controls(const topology::topology& what, const kafka_home& kafka) {
  kafka::control_log_options options;
  options.at = {kafka.brokers, what.kafka.properties};
  options.topic = kafka::control_topic(what.kafka.group);
  options.create = !kafka.broker;
  if (kafka.broker)
    options.make_durable = [broker = kafka.broker.get(),
                            where = kafka::topic_partition{options.topic, 0}] {
      const auto done = broker->wait_journaled(where, journal_deadline);
      return done ? std::string{} : done.error();
    };
  options.deadline = std::chrono::seconds{3};
  const auto topics =
      kafka::topic_partition_counts(options.at, options.deadline);
  if (!topics)
    return tl::make_unexpected(topics.error());
  auto log = kafka::open_control_log(options);
  if (log || topics->contains(options.topic))
    return log;
  log_line("node", "the control log cannot be used: " + log.error());
  return nullptr;
}

tl::expected<std::unique_ptr<kafka::leader_election>, std::string>
stand_for_election(const topology::topology& what, const kafka_home& kafka,
                   std::function<void(bool leads)> changed,
                   std::function<void(std::string reason)> trouble) {
  kafka::election_options options;
  options.at = {kafka.brokers, what.kafka.properties};
  options.group = kafka::coordinator_group(what.kafka.group);
  options.topic = kafka::control_topic(what.kafka.group);
  return kafka::join_election(options, std::move(changed), std::move(trouble));
}

tl::expected<void, std::string>
prepare_data_directory(const std::filesystem::path& data) {
  const auto refuse = [&](const std::string& why) {
    return tl::make_unexpected("data directory " + data.string() + ": " + why
                               + "; choose another with --data");
  };
  std::error_code error;
  std::filesystem::create_directories(data, error);
  if (error)
    return refuse("cannot be created: " + error.message());
  if (!std::filesystem::is_directory(data))
    return refuse("is not a directory");
  if (access(data.c_str(), W_OK | X_OK) != 0)
    return refuse("is not writable for this user");
  return {};
}

} // namespace sluice::actors
