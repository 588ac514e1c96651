#include "cli/dlq_text.hpp"

#include <chrono>
#include <string_view>

#include <nlohmann/json.hpp>

#include "plan/aligned_text.hpp"
#include "status/report.hpp"
#include "topology/utf8.hpp"

namespace sluice::cli {

namespace {

using json = nlohmann::ordered_json;

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(2 * bytes.size());
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    result += digits[byte >> 4U];
    result += digits[byte & 15U];
  }
  return result;
}

/// Neither bytes that are no UTF-8 nor control characters, which could do
/// things to a terminal.
bool is_text(std::string_view bytes) {
  return topology::first_not_text(bytes) == std::string_view::npos;
}

std::string shown(const std::optional<std::string>& bytes) {
  if (!bytes)
    return "null";
  if (is_text(*bytes))
    return *bytes;
  return std::to_string(bytes->size())
         + " bytes, in hexadecimal: " + hexadecimal(*bytes);
}

void add_bytes(json& to, const std::string& name,
               const std::optional<std::string>& bytes) {
  if (!bytes)
    to[name] = nullptr;
  else if (is_text(*bytes))
    to[name] = *bytes;
  else
    to[name + "_hex"] = hexadecimal(*bytes);
}

json json_of(const letter_id& id) {
  return json{{"topic", id.where.topic},
              {"partition", id.where.partition},
              {"offset", id.offset},
              {"epoch", id.epoch},
              {"table", id.table}};
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string time_text(std::int64_t timestamp_ms) {
  if (timestamp_ms < 0)
    return "none";
  return status::to_string(
      status::instant{std::chrono::milliseconds{timestamp_ms}});
}

} // namespace

std::optional<std::string> complete(dlq_arguments& arguments) {
  if (arguments.offsets.empty())
    return std::nullopt;
  const auto offsets = parse_offsets(arguments.offsets);
  if (!offsets)
    return "--offset: " + offsets.error();
  arguments.choice.offsets = *offsets;
  return std::nullopt;
}

std::string to_string(const letter_id& id) {
  auto result = kafka::to_string(id.where) + " offset "
                + std::to_string(id.offset) + " (table " + id.table;
  if (id.epoch != 0)
    result += ", epoch " + std::to_string(id.epoch);
  return result + ')';
}

std::string letter_json(const letter_id& id, const listed_letter& letter) {
  auto result = json_of(id);
  result["reason"] = letter.reason;
  result["detail"] = letter.detail;
  result["timestamp_ms"] = letter.timestamp_ms;
  auto copies = json::array();
  for (const auto& place : letter.copies)
    copies.push_back(
        json{{"partition", place.partition}, {"offset", place.offset}});
  result["copies"] = std::move(copies);
  return dump(result);
}

std::string letter_text(const kafka::dead_letter& letter) {
  const auto& original = letter.original;
  plan::aligned_text facts{""};
  facts.add({"record", kafka::to_string(original.where) + " offset "
                           + std::to_string(original.offset)});
  facts.add({"table", letter.table});
  facts.add({"reason", letter.reason});
  facts.add({"detail", letter.detail});
  facts.add({"epoch", std::to_string(letter.epoch)});
  facts.add({"timestamp", time_text(original.timestamp_ms)});
  for (const auto& header : original.headers)
    facts.add({"header " + header.name, shown(header.value)});
  facts.add({"key", shown(original.key)});
  facts.add({"value", shown(original.value)});
  return facts.text();
}

std::string letter_json(const kafka::dead_letter& letter) {
  auto result = json_of(id_of(letter));
  result["reason"] = letter.reason;
  result["detail"] = letter.detail;
  result["timestamp_ms"] = letter.original.timestamp_ms;
  auto headers = json::array();
  for (const auto& header : letter.original.headers) {
    json each{{"name", header.name}};
    add_bytes(each, "value", header.value);
    headers.push_back(std::move(each));
  }
  result["headers"] = std::move(headers);
  add_bytes(result, "key", letter.original.key);
  add_bytes(result, "value", letter.original.value);
  return dump(result);
}

} // namespace sluice::cli
