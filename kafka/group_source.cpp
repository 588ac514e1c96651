#include "kafka/group_source.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "kafka/fetch_limits.hpp"
#include "kafka/group_core.hpp"
#include "kafka/renewed_member.hpp"
#include "kafka/topics.hpp"

namespace sluice::kafka {

namespace {

settings pinned_of(const group_options& options, const fetch_limits& limits) {
  settings result{
      {"client.id", options.client_id},
      {"group.id", options.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"enable.partition.eof", "false"},
      {"allow.auto.create.topics", "false"},
      {"check.crcs", "true"},
      {"isolation.level", "read_committed"},
      {"fetch.message.max.bytes", std::to_string(limits.fetch_bytes)},
      {"fetch.wait.max.ms", std::to_string(options.fetch_wait.count())},
      {"queued.max.messages.kbytes",
       std::to_string(std::max<std::size_t>(limits.bytes / 1024, 1))},
      // Fetching stops here.
      {"queued.min.messages", std::to_string(limits.messages)},
  };
  if (options.instance_id)
    result["group.instance.id"] = *options.instance_id;
  return result;
}

settings with_defaults(settings properties) {
  properties.try_emplace("partition.assignment.strategy", "cooperative-sticky");
  // A topic that appears is found this soon.
  properties.try_emplace("topic.metadata.refresh.interval.ms", "5000");
  properties.try_emplace("reconnect.backoff.max.ms", "2000");
  return properties;
}

/// Partitions that this member may have to hold at once.
std::size_t count_partitions(const group_options& options) {
  constexpr std::chrono::milliseconds deadline{2000};
  if (options.partitions > 0)
    return options.partitions;
  const auto counts =
      topic_partition_counts({options.brokers, options.properties}, deadline);
  std::size_t known = 0;
  auto complete = counts.has_value();
  for (const auto& topic : options.topics) {
    if (!counts || !counts->contains(topic))
      complete = false;
    else
      known += static_cast<std::size_t>(counts->at(topic));
  }
  return complete ? known : std::max(known, group_options::partitions_assumed);
}

/// What a person may not set, because the guarantees rest on it.
constexpr std::array reserved{
    "group.id",
    "group.instance.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "enable.partition.eof",
    "check.crcs",
    "isolation.level",
    // The memory budget rests on them.
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "fetch.message.max.bytes",
    "max.partition.fetch.bytes",
    "bootstrap.servers",
    "metadata.broker.list",
};

} // namespace

tl::expected<std::unique_ptr<group_member>, std::string>
join_group(const group_options& options,
           std::shared_ptr<group_listener> listener) {
  for (const auto* name : reserved)
    if (options.properties.contains(name))
      return tl::unexpected{"kafka.properties: " + std::string{name}
                            + " is set by Sluice itself; take it out"};
  const auto limits =
      limits_for(options.queue_bytes_total, options.queue_bytes_max,
                 count_partitions(options));
  return renewed_member::join(
      [options, limits,
       listener = std::move(listener)](std::function<void()> ended)
          -> tl::expected<std::shared_ptr<group_core>, std::string> {
        auto link = client::make(
            {.type = RD_KAFKA_CONSUMER,
             .brokers = options.brokers,
             .properties = with_defaults(options.properties),
             .pinned = pinned_of(options, limits),
             .if_known = {{"fetch.queue.backoff.ms", "1"}},
             .events = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT
                       | RD_KAFKA_EVENT_ERROR});
        if (!link)
          return tl::unexpected{link.error()};
        auto core = std::make_shared<group_core>(
            options, limits, std::move(*link), listener, std::move(ended));
        if (auto ok = core->begin(); !ok)
          return tl::unexpected{ok.error()};
        return core;
      });
}

} // namespace sluice::kafka
