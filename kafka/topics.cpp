#include "kafka/topics.hpp"

#include <array>
#include <memory>
#include <utility>

#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

namespace {

using new_topic_ptr =
    std::unique_ptr<rd_kafka_NewTopic_t, freed_by<rd_kafka_NewTopic_destroy>>;

void free_text(char* text) { rd_kafka_mem_free(nullptr, text); }

tl::expected<std::shared_ptr<client>, std::string>
connect(const broker_address& at) {
  return client::make({.type = RD_KAFKA_PRODUCER,
                       .brokers = at.brokers,
                       .properties = at.properties});
}

tl::expected<void, std::string> read_results(const rd_kafka_event_t* event,
                                             const client& link) {
  if (auto error = rd_kafka_event_error(const_cast<rd_kafka_event_t*>(event));
      error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected{describe(error, link)};
  std::size_t count = 0;
  const auto* result =
      rd_kafka_event_CreateTopics_result(const_cast<rd_kafka_event_t*>(event));
  const auto** topics = rd_kafka_CreateTopics_result_topics(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    auto error = rd_kafka_topic_result_error(topics[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR
        || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      continue;
    std::string words = rd_kafka_topic_result_name(topics[i]);
    words += ": ";
    const auto* detail = rd_kafka_topic_result_error_string(topics[i]);
    words += detail ? detail : rd_kafka_err2str(error);
    return tl::unexpected{"cannot create topic "
                          + describe(error, words, link.brokers())};
  }
  return {};
}

tl::expected<std::map<std::string, int>, std::string>
partition_counts(const client& link, std::chrono::milliseconds deadline) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error =
      rd_kafka_metadata(link.get(), 1, nullptr, &raw, to_timeout(deadline));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected{describe(error, link)};
  const metadata_ptr all{raw};
  std::map<std::string, int> result;
  for (int i = 0; i < all->topic_cnt; ++i)
    if (all->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR)
      result[all->topics[i].topic] = all->topics[i].partition_cnt;
  return result;
}

tl::expected<void, std::string>
create_topics(const client& link, const std::vector<topic_plan>& topics,
              std::chrono::milliseconds deadline) {
  auto* rk = link.get();
  std::vector<new_topic_ptr> owned;
  std::vector<rd_kafka_NewTopic_t*> raw;
  for (const auto& plan : topics) {
    std::array<char, 512> text{};
    owned.emplace_back(rd_kafka_NewTopic_new(plan.name.c_str(), plan.partitions,
                                             -1, text.data(), text.size()));
    if (!owned.back())
      return tl::unexpected{"topic " + plan.name + ": " + text.data()};
    for (const auto& [name, value] : plan.settings)
      rd_kafka_NewTopic_set_config(owned.back().get(), name.c_str(),
                                   value.c_str());
    raw.push_back(owned.back().get());
  }
  admin_options_ptr options{
      rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_CREATETOPICS)};
  std::array<char, 512> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), to_timeout(deadline),
                                            text.data(), text.size());
  queue_ptr replies{rd_kafka_queue_new(rk)};
  rd_kafka_CreateTopics(rk, raw.data(), raw.size(), options.get(),
                        replies.get());
  event_ptr event{rd_kafka_queue_poll(
      replies.get(), to_timeout(deadline + std::chrono::milliseconds{500}))};
  if (!event)
    return tl::unexpected{describe(RD_KAFKA_RESP_ERR__TIMED_OUT, link)};
  return read_results(event.get(), link);
}

} // namespace

tl::expected<void, std::string>
ensure_topics(const broker_address& at, const std::vector<topic_plan>& topics,
              std::chrono::milliseconds deadline) {
  if (topics.empty())
    return {};
  auto link = connect(at);
  if (!link)
    return tl::unexpected{link.error()};
  const auto there = partition_counts(**link, deadline);
  if (!there)
    return tl::unexpected{there.error()};
  auto missing = topics;
  std::erase_if(missing, [&](const topic_plan& each) {
    return there->contains(each.name);
  });
  if (missing.empty())
    return {};
  const auto embedded = is_embedded_broker(**link, deadline);
  if (!embedded)
    return tl::unexpected{embedded.error()};
  if (*embedded)
    return tl::unexpected{"topic " + missing.front().name
                          + " does not exist, and the embedded broker at "
                          + at.brokers
                          + " makes topics only when it starts: sluice kafka "
                            "--topic "
                          + missing.front().name + ":"
                          + std::to_string(missing.front().partitions)};
  return create_topics(**link, missing, deadline);
}

tl::expected<std::map<std::string, int>, std::string>
topic_partition_counts(const broker_address& at,
                       std::chrono::milliseconds deadline) {
  auto link = connect(at);
  if (!link)
    return tl::unexpected{link.error()};
  return partition_counts(**link, deadline);
}

tl::expected<bool, std::string>
is_embedded_broker(const broker_address& at,
                   std::chrono::milliseconds deadline) {
  auto link = connect(at);
  if (!link)
    return tl::unexpected{link.error()};
  return is_embedded_broker(**link, deadline);
}

tl::expected<bool, std::string>
is_embedded_broker(const client& link, std::chrono::milliseconds deadline) {
  std::unique_ptr<char, freed_by<free_text>> id{
      rd_kafka_clusterid(link.get(), to_timeout(deadline))};
  if (!id)
    return tl::unexpected{describe(RD_KAFKA_RESP_ERR__TIMED_OUT, link)};
  return std::string_view{id.get()}.starts_with("mockCluster");
}

} // namespace sluice::kafka
