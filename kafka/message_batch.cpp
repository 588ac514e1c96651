#include "kafka/message_batch.hpp"

#include <utility>

namespace sluice::kafka {

namespace {

std::optional<std::string_view> view(const void* data, std::size_t size) {
  if (!data)
    return std::nullopt;
  return std::string_view{static_cast<const char*>(data), size};
}

std::int64_t timestamp_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  auto stamp = rd_kafka_message_timestamp(&message, &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? -1 : stamp;
}

template <class Function>
void for_each_header(const rd_kafka_message_t& message, Function function) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != 0)
    return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i)
    function(header{name, view(value, size)});
}

class message_batch final : public record_batch {
public:
  message_batch(std::shared_ptr<const client> from,
                std::vector<message_ptr> messages, bool with_headers)
      : from_{std::move(from)}, messages_{std::move(messages)} {
    records_.reserve(messages_.size());
    for (const auto& message : messages_) {
      records_.push_back({message->offset,
                          timestamp_of(*message),
                          view(message->key, message->key_len),
                          view(message->payload, message->len),
                          {}});
      bytes_ += payload_bytes(*message);
    }
    if (with_headers)
      read_headers();
  }

private:
  void read_headers() {
    std::vector<std::size_t> ends;
    ends.reserve(messages_.size());
    for (const auto& message : messages_) {
      for_each_header(*message, [this](const header& item) {
        headers_.push_back(item);
        bytes_ += item.name.size() + (item.value ? item.value->size() : 0);
      });
      ends.push_back(headers_.size());
    }
    // Only now the vector stays where it is.
    std::size_t first = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      records_[i].headers = std::span{headers_}.subspan(first, ends[i] - first);
      first = ends[i];
    }
  }

  // Destroyed after the messages, which point into it.
  std::shared_ptr<const client> from_;
  std::vector<message_ptr> messages_;
  std::vector<header> headers_;
};

std::optional<std::string> copy(std::optional<std::string_view> text) {
  return text ? std::optional<std::string>{*text} : std::nullopt;
}

} // namespace

std::size_t payload_bytes(const rd_kafka_message_t& message) {
  return (message.payload ? message.len : 0)
         + (message.key ? message.key_len : 0);
}

record_batch_ptr make_message_batch(std::shared_ptr<const client> from,
                                    std::vector<message_ptr> messages,
                                    bool with_headers) {
  return std::make_shared<const message_batch>(
      std::move(from), std::move(messages), with_headers);
}

owned_record copy_of(const rd_kafka_message_t& message) {
  owned_record result{
      {message.rkt ? rd_kafka_topic_name(message.rkt) : "", message.partition},
      message.offset,
      timestamp_of(message),
      copy(view(message.key, message.key_len)),
      copy(view(message.payload, message.len)),
      {}};
  for_each_header(message, [&](const header& item) {
    result.headers.push_back({std::string{item.name}, copy(item.value)});
  });
  return result;
}

} // namespace sluice::kafka
