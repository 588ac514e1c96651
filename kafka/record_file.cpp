#include "kafka/record_file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "kafka/base64.hpp"

namespace sluice::kafka {

namespace {

using nlohmann::json;
using optional_text = std::optional<std::string>;

tl::expected<std::int64_t, std::string>
integer(const json& object, const char* name, std::int64_t missing) {
  auto at = object.find(name);
  if (at == object.end() || at->is_null())
    return missing;
  if (!at->is_number_integer())
    return tl::unexpected{"\"" + std::string{name} + "\" is not an integer"};
  return at->get<std::int64_t>();
}

tl::expected<optional_text, std::string>
text_of(const json& item, const std::string& name, bool base64) {
  if (item.is_null())
    return optional_text{};
  if (!item.is_string())
    return tl::unexpected{"\"" + name
                          + "\" is neither a string nor null; JSON documents "
                            "are written as a string"};
  auto text = item.get<std::string>();
  if (!base64)
    return optional_text{std::move(text)};
  auto bytes = from_base64(text);
  if (!bytes)
    return tl::unexpected{"\"" + name + "\" is not base64"};
  return optional_text{std::move(*bytes)};
}

/// `key` or `value`, in either spelling.
tl::expected<optional_text, std::string>
payload(const json& object, const std::string& name, bool& base64) {
  auto plain = object.find(name);
  auto coded = object.find(name + "_b64");
  if (coded == object.end())
    return plain == object.end() ? optional_text{}
                                 : text_of(*plain, name, false);
  if (plain != object.end())
    return tl::unexpected{"\"" + name + "\" and \"" + name
                          + "_b64\" exclude each other"};
  base64 = true;
  return text_of(*coded, name + "_b64", true);
}

tl::expected<std::vector<owned_header>, std::string>
headers_of(const json& object, bool base64) {
  std::vector<owned_header> result;
  auto at = object.find("headers");
  if (at == object.end() || at->is_null())
    return result;
  const std::string shape =
      "\"headers\" is not a list of [\"name\", \"value\"] pairs";
  if (!at->is_array())
    return tl::unexpected{shape};
  for (const auto& item : *at) {
    if (!item.is_array() || item.size() != 2 || !item[0].is_string())
      return tl::unexpected{shape};
    auto value = text_of(item[1], "headers", base64);
    if (!value)
      return tl::unexpected{value.error()};
    result.push_back({item[0].get<std::string>(), std::move(*value)});
  }
  return result;
}

/// Whether JSON can carry it as text, byte for byte.
bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(json(text).dump());
    return true;
  } catch (const json::exception&) {
    return false;
  }
}

json to_json(const optional_text& text, bool base64) {
  if (!text)
    return nullptr;
  return base64 ? to_base64(*text) : *text;
}

bool is_text(const owned_record& record) {
  bool result = (!record.key || is_utf8(*record.key))
                && (!record.value || is_utf8(*record.value));
  for (const auto& item : record.headers)
    result = result && (!item.value || is_utf8(*item.value));
  return result;
}

} // namespace

tl::expected<owned_record, std::string>
parse_record_line(std::string_view line) {
  auto object = json::parse(line, nullptr, false);
  if (object.is_discarded())
    return tl::unexpected{std::string{"not a JSON object"}};
  if (!object.is_object())
    return tl::unexpected{std::string{"not a JSON object but another value"}};
  auto topic = object.find("topic");
  if (topic == object.end() || !topic->is_string()
      || topic->get_ref<const std::string&>().empty())
    return tl::unexpected{std::string{"\"topic\" is missing or not a string"}};
  auto partition = integer(object, "partition", -1);
  if (!partition)
    return tl::unexpected{partition.error()};
  if (*partition < -1 || *partition > INT32_MAX)
    return tl::unexpected{std::string{"\"partition\" is not a partition"}};
  auto offset = integer(object, "offset", -1);
  if (!offset)
    return tl::unexpected{offset.error()};
  auto timestamp = integer(object, "timestamp", -1);
  if (!timestamp)
    return tl::unexpected{timestamp.error()};
  bool base64 = false;
  auto key = payload(object, "key", base64);
  if (!key)
    return tl::unexpected{key.error()};
  auto value = payload(object, "value", base64);
  if (!value)
    return tl::unexpected{value.error()};
  auto headers = headers_of(object, base64);
  if (!headers)
    return tl::unexpected{headers.error()};
  return owned_record{
      {topic->get<std::string>(), static_cast<std::int32_t>(*partition)},
      *offset,
      *timestamp,
      std::move(*key),
      std::move(*value),
      std::move(*headers)};
}

std::string to_record_line(const owned_record& record) {
  const bool base64 = !is_text(record);
  nlohmann::ordered_json line;
  line["topic"] = record.where.topic;
  if (record.where.partition >= 0)
    line["partition"] = record.where.partition;
  if (record.offset >= 0)
    line["offset"] = record.offset;
  if (record.timestamp_ms >= 0)
    line["timestamp"] = record.timestamp_ms;
  line["headers"] = json::array();
  for (const auto& item : record.headers)
    line["headers"].push_back({item.name, to_json(item.value, base64)});
  line[base64 ? "key_b64" : "key"] = to_json(record.key, base64);
  line[base64 ? "value_b64" : "value"] = to_json(record.value, base64);
  // A name or topic that is no UTF-8 must not throw.
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

tl::expected<record_file, std::string>
record_file::open(const std::filesystem::path& path) {
  record_file result;
  result.name_ = path.string();
  result.in_.open(path);
  if (!result.in_ || std::filesystem::is_directory(path))
    return tl::unexpected{result.name_ + ": cannot open: "
                          + std::generic_category().message(errno)};
  return result;
}

tl::expected<std::optional<owned_record>, std::string> record_file::next() {
  std::string line;
  while (std::getline(in_, line)) {
    ++line_;
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    auto record = parse_record_line(line);
    if (!record)
      return tl::unexpected{name_ + ":" + std::to_string(line_) + ": "
                            + record.error()};
    return std::optional{std::move(*record)};
  }
  if (in_.bad())
    return tl::unexpected{name_ + ":" + std::to_string(line_ + 1)
                          + ": cannot read on"};
  return std::optional<owned_record>{};
}

} // namespace sluice::kafka
