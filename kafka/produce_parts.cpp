#include "kafka/produce_parts.hpp"

#include <algorithm>

namespace sluice::kafka {

namespace {

rd_kafka_vu_t part(rd_kafka_vtype_t type) {
  rd_kafka_vu_t result{};
  result.vtype = type;
  return result;
}

rd_kafka_vu_t bytes(rd_kafka_vtype_t type,
                    const std::optional<std::string>& text) {
  auto result = part(type);
  // librdkafka copies the bytes before the call returns.
  result.u.mem.ptr = text ? const_cast<char*>(text->data()) : nullptr;
  result.u.mem.size = text ? text->size() : 0;
  return result;
}

} // namespace

std::vector<rd_kafka_vu_t> produce_parts(const owned_record& record,
                                         void* opaque) {
  std::vector<rd_kafka_vu_t> parts;
  parts.reserve(7 + record.headers.size());
  parts.push_back(part(RD_KAFKA_VTYPE_TOPIC));
  parts.back().u.cstr = record.where.topic.c_str();
  parts.push_back(part(RD_KAFKA_VTYPE_PARTITION));
  parts.back().u.i32 = record.where.partition < 0 ? RD_KAFKA_PARTITION_UA
                                                  : record.where.partition;
  parts.push_back(bytes(RD_KAFKA_VTYPE_VALUE, record.value));
  parts.push_back(bytes(RD_KAFKA_VTYPE_KEY, record.key));
  parts.push_back(part(RD_KAFKA_VTYPE_MSGFLAGS));
  parts.back().u.i = RD_KAFKA_MSG_F_COPY;
  parts.push_back(part(RD_KAFKA_VTYPE_OPAQUE));
  parts.back().u.ptr = opaque;
  // 0 means "now" to librdkafka, as no timestamp does to us.
  parts.push_back(part(RD_KAFKA_VTYPE_TIMESTAMP));
  parts.back().u.i64 = std::max<std::int64_t>(record.timestamp_ms, 0);
  for (const auto& item : record.headers) {
    auto element = part(RD_KAFKA_VTYPE_HEADER);
    element.u.header.name = item.name.c_str();
    element.u.header.val = item.value ? item.value->data() : nullptr;
    element.u.header.size =
        item.value ? static_cast<ssize_t>(item.value->size()) : 0;
    parts.push_back(element);
  }
  return parts;
}

} // namespace sluice::kafka
