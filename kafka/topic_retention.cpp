#include "kafka/topic_retention.hpp"

#include <array>
#include <charconv>
#include <memory>
#include <string_view>

#include "kafka/rdkafka.hpp"
#include "kafka/topics.hpp"

namespace sluice::kafka {

namespace {

using std::chrono::milliseconds;

using resource_ptr = std::unique_ptr<rd_kafka_ConfigResource_t,
                                     freed_by<rd_kafka_ConfigResource_destroy>>;

bool tells_nothing(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE
         || error == RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION
         || error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
}

/// std::nullopt: there is no such setting.
std::optional<std::string> value_in(const rd_kafka_ConfigResource_t& resource,
                                    std::string_view setting) {
  std::size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(&resource, &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (std::string_view{rd_kafka_ConfigEntry_name(entries[i])} != setting)
      continue;
    const auto* text = rd_kafka_ConfigEntry_value(entries[i]);
    return text != nullptr ? text : "";
  }
  return std::nullopt;
}

/// A topic's setting; std::nullopt: the broker does not tell.
tl::expected<std::optional<std::string>, std::string>
topic_setting(const client& from, const std::string& topic,
              std::string_view setting, milliseconds timeout) {
  // It never answers this request.
  const auto embedded = is_embedded_broker(from, timeout);
  if (!embedded)
    return tl::unexpected{embedded.error()};
  if (*embedded)
    return std::optional<std::string>{};
  auto* rk = from.get();
  resource_ptr resource{
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
  admin_options_ptr options{
      rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS)};
  std::array<char, 512> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), to_timeout(timeout),
                                            text.data(), text.size());
  queue_ptr replies{rd_kafka_queue_new(rk)};
  auto* asked = resource.get();
  rd_kafka_DescribeConfigs(rk, &asked, 1, options.get(), replies.get());
  const event_ptr event{rd_kafka_queue_poll(
      replies.get(), to_timeout(timeout + milliseconds{500}))};
  if (!event)
    return tl::unexpected{describe(RD_KAFKA_RESP_ERR__TIMED_OUT, from)};
  auto error = rd_kafka_event_error(event.get());
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t** found = nullptr;
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    found = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    if (count > 0)
      error = rd_kafka_ConfigResource_error(found[0]);
  }
  if (tells_nothing(error)
      || (error == RD_KAFKA_RESP_ERR_NO_ERROR && count == 0))
    return std::optional<std::string>{};
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected{topic + ": " + describe(error, from)};
  return value_in(*found[0], setting);
}

} // namespace

tl::expected<std::optional<milliseconds>, std::string>
topic_retention(const client& from, const std::string& topic,
                milliseconds timeout) {
  const auto text = topic_setting(from, topic, "retention.ms", timeout);
  if (!text)
    return tl::unexpected{text.error()};
  const auto value = text->value_or("");
  std::int64_t result = -1;
  std::from_chars(value.data(), value.data() + value.size(), result);
  if (result < 0)
    return std::optional<milliseconds>{};
  return milliseconds{result};
}

tl::expected<bool, std::string> is_compacted(const broker_address& at,
                                             const std::string& topic,
                                             milliseconds timeout) {
  const auto link = client::make({.type = RD_KAFKA_PRODUCER,
                                  .brokers = at.brokers,
                                  .properties = at.properties});
  if (!link)
    return tl::unexpected{link.error()};
  const auto policy = topic_setting(**link, topic, "cleanup.policy", timeout);
  if (!policy)
    return tl::unexpected{policy.error()};
  return policy->value_or("").find("compact") != std::string::npos;
}

} // namespace sluice::kafka
