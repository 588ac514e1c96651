#include "plan/table_controls.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "gold/window.hpp"

namespace sluice::plan {

namespace {

using json = nlohmann::ordered_json;
/// Not the ordered one: that copies members when it grows, by recursion as deep
/// as they are nested.
using parsed_json = nlohmann::json;

constexpr int control_version = 1;
constexpr std::string_view kind = "tables";
/// Seconds since 1970; beyond it no clock has been.
constexpr std::int64_t latest_time = 1LL << 34U;

bool is_restatement(const parsed_json& record) {
  if (!record.is_object())
    return false;
  const auto version = record.find("sluice");
  const auto what = record.find("kind");
  return version != record.end() && version->is_number_integer()
         && what != record.end() && what->is_string()
         && what->get_ref<const std::string&>() == kind;
}

/// A whole number from 0 to `most`.
std::optional<std::int64_t> number_of(const parsed_json& object,
                                      const char* name, std::int64_t most) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer())
    return std::nullopt;
  const auto value = found->get<std::int64_t>();
  return value >= 0 && value <= most ? std::optional{value} : std::nullopt;
}

tl::unexpected<std::string> damaged(const std::string& what) {
  return tl::unexpected{"a restatement of the tables is damaged: " + what};
}

} // namespace

struct table_controls::restatement {
  /// Empty: the record is none.
  std::optional<std::int64_t> as_of;
  std::map<std::string, pause> paused;
  std::map<std::string, std::uint16_t> epochs;
};

tl::expected<table_controls::restatement, std::string>
table_controls::parse_restatement(std::string_view record) {
  restatement result;
  // Most records of the log are not about tables.
  if (record.find(R"("tables")") == std::string_view::npos)
    return result;
  const auto read = parsed_json::parse(record, nullptr, false);
  if (!is_restatement(read))
    return result;
  if (read.at("sluice") != control_version)
    return tl::unexpected{
        "a restatement of the tables has version " + read.at("sluice").dump()
        + ", this program reads version " + std::to_string(control_version)};
  const auto as_of =
      number_of(read, "as_of", std::numeric_limits<std::int64_t>::max());
  const auto paused = read.find("paused");
  const auto epochs = read.find("epochs");
  if (!as_of)
    return damaged("as_of is no offset");
  if (paused == read.end() || !paused->is_object() || epochs == read.end()
      || !epochs->is_object())
    return damaged("paused or epochs is missing");
  for (const auto& [table, of] : paused->items()) {
    const auto since =
        of.is_object() ? number_of(of, "since", latest_time) : std::nullopt;
    if (!since)
      return damaged("since when '" + table + "' is paused");
    const auto by = of.find("by");
    result.paused[table] = {
        std::chrono::sys_seconds{std::chrono::seconds{*since}},
        by != of.end() && by->is_string() ? by->get<std::string>() : ""};
  }
  for (const auto& each : epochs->items()) {
    const auto& table = each.key();
    const auto value = number_of(*epochs, table.c_str(),
                                 std::numeric_limits<std::uint16_t>::max());
    if (value.value_or(0) == 0)
      return damaged("the epoch of '" + table + "'");
    result.epochs[table] = static_cast<std::uint16_t>(*value);
  }
  result.as_of = as_of;
  return result;
}

tl::expected<table_controls::outcome, std::string>
table_controls::obey(std::int64_t offset, std::chrono::sys_seconds when,
                     std::string_view record) {
  auto command = parse_table_command(record);
  if (!command)
    return tl::unexpected{std::move(command.error())};
  if (*command)
    return obey(offset, when, **command);
  auto restated = parse_restatement(record);
  if (!restated)
    return tl::unexpected{std::move(restated.error())};
  return restated->as_of ? obey(*restated) : outcome{};
}

table_controls::outcome table_controls::obey(std::int64_t offset,
                                             std::chrono::sys_seconds when,
                                             const table_command& command) {
  outcome result{true};
  if (command.what != table_verb::reset)
    told_at_[command.table] = offset;
  switch (command.what) {
  case table_verb::pause:
    paused_.try_emplace(command.table, pause{when, command.by});
    break;
  case table_verb::resume:
    paused_.erase(command.table);
    result.resumed.push_back(command.table);
    break;
  case table_verb::reset: {
    auto& epoch = epochs_[command.table];
    epoch = std::max(epoch, command.epoch);
    break;
  }
  }
  return result;
}

table_controls::outcome table_controls::obey(const restatement& restated) {
  outcome result{true};
  for (const auto& [table, epoch] : restated.epochs) {
    auto& known = epochs_[table];
    known = std::max(known, epoch);
  }
  // Two leaders may restate, and the one that had read less come last.
  if (*restated.as_of < as_of_)
    return result;
  as_of_ = *restated.as_of;
  const auto is_told_since = [&](const std::string& table) {
    const auto found = told_at_.find(table);
    return found != told_at_.end() && found->second >= as_of_;
  };
  for (const auto& [table, since] : restated.paused)
    if (!is_told_since(table))
      paused_.try_emplace(table, since);
  std::erase_if(paused_, [&](const auto& each) {
    const auto& table = each.first;
    if (restated.paused.contains(table) || is_told_since(table))
      return false;
    result.resumed.push_back(table);
    return true;
  });
  return result;
}

std::map<std::string, std::string> table_controls::pauses() const {
  std::map<std::string, std::string> result;
  for (const auto& [table, since] : paused_)
    result[table] = "paused by `sluice table pause` ("
                    + gold::format_utc(since.since) + " UTC"
                    + (since.by.empty() ? "" : ", " + since.by) + ")";
  return result;
}

std::string table_controls::restate(std::int64_t as_of) const {
  json result{{"sluice", control_version}, {"kind", kind}, {"as_of", as_of}};
  auto& paused = result["paused"] = json::object();
  for (const auto& [table, since] : paused_)
    paused[table] = {{"since", std::max<std::int64_t>(
                                   0, since.since.time_since_epoch().count())},
                     {"by", since.by}};
  auto& epochs = result["epochs"] = json::object();
  for (const auto& [table, epoch] : epochs_)
    epochs[table] = epoch;
  return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace sluice::plan
