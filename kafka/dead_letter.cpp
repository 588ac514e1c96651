#include "kafka/dead_letter.hpp"

namespace sluice::kafka {

namespace {

std::optional<std::string>
copy_of(const std::optional<std::string_view>& bytes) {
  if (!bytes)
    return std::nullopt;
  return std::string{*bytes};
}

} // namespace

owned_record make_dead_letter(const topic_partition& where,
                              const record& original, std::string_view table,
                              std::string_view reason,
                              std::string_view detail) {
  owned_record result;
  result.where.partition = -1;
  result.timestamp_ms = original.timestamp_ms;
  result.key = copy_of(original.key);
  result.value = copy_of(original.value);
  for (const auto& each : original.headers)
    result.headers.push_back({std::string{each.name}, copy_of(each.value)});
  const auto add = [&](const char* name, std::string_view value) {
    result.headers.push_back({name, std::string{value}});
  };
  add("sluice.topic", where.topic);
  add("sluice.partition", std::to_string(where.partition));
  add("sluice.offset", std::to_string(original.offset));
  add("sluice.table", table);
  add("sluice.reason", reason);
  add("sluice.detail", detail);
  return result;
}

} // namespace sluice::kafka
