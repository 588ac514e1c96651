#include "kafka/membership.hpp"

#include <cstring>
#include <memory>
#include <string_view>

namespace sluice::kafka {

namespace {

using group_metadata_ptr =
    std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                    freed_by<rd_kafka_consumer_group_metadata_destroy>>;

} // namespace

/// librdkafka has no getter for it, but writes it in front of what
/// rd_kafka_consumer_group_metadata_write returns: 7 bytes "CGMDv2:", then the
/// generation as a native 32-bit integer.
std::int32_t group_generation(const client& of) {
  constexpr std::string_view magic = "CGMDv2:";
  const group_metadata_ptr data{rd_kafka_consumer_group_metadata(of.get())};
  if (!data)
    return -1;
  void* buffer = nullptr;
  std::size_t size = 0;
  const error_ptr error{
      rd_kafka_consumer_group_metadata_write(data.get(), &buffer, &size)};
  if (error)
    return -1;
  std::int32_t generation = 0;
  const std::string_view text{static_cast<const char*>(buffer), size};
  if (text.starts_with(magic) && size >= magic.size() + sizeof generation)
    std::memcpy(&generation, text.data() + magic.size(), sizeof generation);
  rd_kafka_mem_free(of.get(), buffer);
  return generation;
}

std::string member_id(const client& of) {
  auto* id = rd_kafka_memberid(of.get());
  std::string result = id ? id : "";
  if (id)
    rd_kafka_mem_free(of.get(), id);
  return result;
}

} // namespace sluice::kafka
