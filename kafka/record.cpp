#include "kafka/record.hpp"

#include <utility>

namespace sluice::kafka {

std::size_t payload_bytes(const owned_record& record) {
  std::size_t bytes = record.key ? record.key->size() : 0;
  bytes += record.value ? record.value->size() : 0;
  for (const auto& header : record.headers)
    bytes += header.name.size() + (header.value ? header.value->size() : 0);
  return bytes;
}

namespace {

std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>{*text} : std::nullopt;
}

class owned_batch final : public record_batch {
public:
  explicit owned_batch(std::vector<owned_record> owned)
      : owned_{std::move(owned)} {
    std::size_t headers = 0;
    for (const auto& record : owned_)
      headers += record.headers.size();
    // Reserved once: the records hold spans into it.
    headers_.reserve(headers);
    records_.reserve(owned_.size());
    for (const auto& record : owned_) {
      auto first = headers_.size();
      for (const auto& item : record.headers)
        headers_.push_back({item.name, view(item.value)});
      records_.push_back({record.offset, record.timestamp_ms, view(record.key),
                          view(record.value),
                          std::span{headers_}.subspan(first)});
      bytes_ += payload_bytes(record);
    }
  }

private:
  std::vector<owned_record> owned_;
  std::vector<header> headers_;
};

} // namespace

std::string to_string(const topic_partition& tp) {
  return tp.topic + "/" + std::to_string(tp.partition);
}

record_batch_ptr make_record_batch(std::vector<owned_record> records) {
  return std::make_shared<const owned_batch>(std::move(records));
}

} // namespace sluice::kafka
