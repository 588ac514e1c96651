#include "kafka/rdkafka.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace sluice::kafka {

namespace {

using error_text = std::array<char, 512>;

struct conf_owner {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using conf_ptr = std::unique_ptr<rd_kafka_conf_t, conf_owner>;

tl::expected<void, std::string> apply(rd_kafka_conf_t* conf,
                                      const settings& all, bool if_known) {
  for (const auto& [name, value] : all) {
    error_text text{};
    auto result = rd_kafka_conf_set(conf, name.c_str(), value.c_str(),
                                    text.data(), text.size());
    if (result == RD_KAFKA_CONF_OK
        || (if_known && result == RD_KAFKA_CONF_UNKNOWN))
      continue;
    return tl::unexpected{"kafka.properties: " + name + ": "
                          + std::string{text.data()}
                          + "; see librdkafka's CONFIGURATION.md"};
  }
  return {};
}

} // namespace

void client::destroyer::operator()(rd_kafka_t* rk) const {
  // A consumer is closed by its owner, with a deadline; a second close here
  // could wait for a broker that is gone.
  rd_kafka_destroy_flags(rk, rd_kafka_type(rk) == RD_KAFKA_CONSUMER
                                 ? RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE
                                 : 0);
}

void client::on_log(const rd_kafka_t* rk, int level, const char* facility,
                    const char* text) {
  auto* self = rk ? static_cast<client*>(rd_kafka_opaque(rk)) : nullptr;
  if (!self || level > 4)
    return;
  std::string_view kind{facility};
  if (kind != "FAIL" && kind != "ERROR")
    return;
  std::string_view words{text};
  // "[thrd:NAME]: " in front says nothing to a reader.
  if (words.starts_with("[thrd:"))
    if (auto end = words.find("]: "); end != std::string_view::npos)
      words.remove_prefix(end + 3);
  std::lock_guard lock{self->mutex_};
  self->last_failure_ = words;
}

void client::never_destroy(std::shared_ptr<client> one) {
  struct keep {
    std::mutex mutex;
    std::vector<std::shared_ptr<client>> clients;
  };
  // Outlives static destruction, and shows leak checkers who the owner is.
  static auto* const kept = std::make_unique<keep>().release();
  const std::lock_guard lock{kept->mutex};
  kept->clients.push_back(std::move(one));
}

std::string client::last_failure() const {
  std::lock_guard lock{mutex_};
  return last_failure_;
}

tl::expected<std::shared_ptr<client>, std::string>
client::make(const plan& wanted) {
  auto result = std::make_shared<client>(only_make{});
  result->brokers_ = wanted.brokers;
  conf_ptr conf{rd_kafka_conf_new()};
  for (const auto* all : {&wanted.properties, &wanted.pinned})
    if (auto ok = apply(conf.get(), *all, false); !ok)
      return tl::unexpected{ok.error()};
  if (auto ok = apply(conf.get(), wanted.if_known, true); !ok)
    return tl::unexpected{ok.error()};
  if (auto ok =
          apply(conf.get(), {{"bootstrap.servers", wanted.brokers}}, false);
      !ok)
    return tl::unexpected{ok.error()};
  rd_kafka_conf_set_opaque(conf.get(), result.get());
  rd_kafka_conf_set_log_cb(conf.get(), &client::on_log);
  rd_kafka_conf_set_events(conf.get(), wanted.events);
  if (wanted.delivered)
    rd_kafka_conf_set_dr_msg_cb(conf.get(), wanted.delivered);
  error_text text{};
  auto* rk = rd_kafka_new(wanted.type, conf.get(), text.data(), text.size());
  if (!rk)
    return tl::unexpected{"kafka: " + std::string{text.data()}
                          + "; check kafka.brokers and kafka.properties"};
  // rd_kafka_new has taken the configuration over.
  static_cast<void>(conf.release());
  result->handle_.reset(rk);
  return result;
}

partition_list_ptr list_of(const topic_partition& tp, std::int64_t offset) {
  partition_list_ptr list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), tp.topic.c_str(), tp.partition)
      ->offset = offset;
  return list;
}

std::string describe(rd_kafka_resp_err_t error, std::string_view detail,
                     std::string_view brokers) {
  std::string where = "Kafka at " + std::string{brokers};
  std::string words{detail.empty() ? rd_kafka_err2str(error) : detail};
  switch (error) {
  case RD_KAFKA_RESP_ERR__TRANSPORT:
  case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
  case RD_KAFKA_RESP_ERR__RESOLVE:
  case RD_KAFKA_RESP_ERR__TIMED_OUT:
  case RD_KAFKA_RESP_ERR__WAIT_COORD:
    return where + " is unreachable (" + words
           + "); check kafka.brokers and that the broker runs";
  case RD_KAFKA_RESP_ERR__AUTHENTICATION:
  case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    return where + " refused the login (" + words
           + "); check sasl.username and sasl.password in kafka.properties";
  case RD_KAFKA_RESP_ERR__SSL:
    return where + " failed the TLS handshake (" + words
           + "); check ssl.ca.location in kafka.properties";
  case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
  case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
  case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    return where + " does not have the topic (" + words
           + "); create it or correct `topic:`";
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    return where + " does not allow this (" + words
           + "); grant the user Read on the topics and the group, and Write "
             "on the dead-letter topic";
  default:
    return where + ": " + words;
  }
}

std::string describe(rd_kafka_resp_err_t error, const client& from) {
  auto failure = from.last_failure();
  if (error == RD_KAFKA_RESP_ERR__TIMED_OUT && !failure.empty())
    error = RD_KAFKA_RESP_ERR__TRANSPORT;
  // Only a log line tells a refused login from a broker that does not answer.
  if (failure.find("uthenticat") != std::string::npos)
    error = RD_KAFKA_RESP_ERR__AUTHENTICATION;
  else if (failure.find("SSL") != std::string::npos)
    error = RD_KAFKA_RESP_ERR__SSL;
  return describe(error, failure, from.brokers());
}

int to_timeout(std::chrono::milliseconds duration) {
  return static_cast<int>(std::clamp<std::int64_t>(
      duration.count(), 1, std::numeric_limits<int>::max()));
}

} // namespace sluice::kafka
