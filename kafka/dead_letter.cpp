#include "kafka/dead_letter.hpp"

#include <charconv>
#include <utility>

namespace sluice::kafka {

namespace {

std::optional<std::string>
copy_of(const std::optional<std::string_view>& bytes) {
  if (!bytes)
    return std::nullopt;
  return std::string{*bytes};
}

/// Takes our headers off the end, where they were put.
class header_reader {
public:
  explicit header_reader(std::vector<owned_header>& headers)
      : headers_{headers} {}

  [[nodiscard]] bool is_next(std::string_view name) const {
    return !headers_.empty() && headers_.back().name == name
           && headers_.back().value;
  }

  std::string text(std::string_view name) {
    if (!failure_.empty())
      return {};
    if (!is_next(name)) {
      failure_ = "no dead letter of Sluice: header " + std::string{name}
                 + " is missing";
      return {};
    }
    auto value = std::move(*headers_.back().value);
    headers_.pop_back();
    return value;
  }

  /// Not negative.
  template <class Integer>
  Integer number(std::string_view name) {
    const auto value = text(name);
    Integer result = 0;
    const auto* end = value.data() + value.size();
    const auto [rest, wrong] = std::from_chars(value.data(), end, result);
    if (failure_.empty() && (wrong != std::errc{} || rest != end || result < 0))
      failure_ = "no dead letter of Sluice: header " + std::string{name}
                 + " is '" + value + "'";
    return result;
  }

  [[nodiscard]] const std::string& failure() const { return failure_; }

private:
  std::vector<owned_header>& headers_;
  std::string failure_;
};

} // namespace

owned_record make_dead_letter(const topic_partition& where,
                              const record& original, std::uint16_t epoch,
                              std::string_view table, std::string_view reason,
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
  add("sluice.epoch", std::to_string(epoch));
  add("sluice.table", table);
  add("sluice.reason", reason);
  add("sluice.detail", detail);
  return result;
}

tl::expected<dead_letter, std::string> read_dead_letter(owned_record letter) {
  dead_letter result;
  header_reader from{letter.headers};
  result.detail = from.text("sluice.detail");
  result.reason = from.text("sluice.reason");
  result.table = from.text("sluice.table");
  if (from.is_next("sluice.epoch"))
    result.epoch = from.number<std::uint16_t>("sluice.epoch");
  result.original.offset = from.number<std::int64_t>("sluice.offset");
  result.original.where.partition =
      from.number<std::int32_t>("sluice.partition");
  result.original.where.topic = from.text("sluice.topic");
  if (!from.failure().empty())
    return tl::unexpected{from.failure()};
  result.original.timestamp_ms = letter.timestamp_ms;
  result.original.key = std::move(letter.key);
  result.original.value = std::move(letter.value);
  result.original.headers = std::move(letter.headers);
  return result;
}

} // namespace sluice::kafka
