#include "plan/table_command.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <nlohmann/json.hpp>

namespace sluice::plan {

namespace {

using json = nlohmann::ordered_json;
/// Not the ordered one: that copies members when it grows, by recursion as deep
/// as they are nested.
using parsed_json = nlohmann::json;

constexpr int control_version = 1;
constexpr std::array verbs = {table_verb::pause, table_verb::resume,
                              table_verb::reset};

/// A member that is a text; empty when it is none.
std::string text_of(const parsed_json& command, const char* name) {
  const auto found = command.find(name);
  return found != command.end() && found->is_string()
             ? found->get<std::string>()
             : std::string{};
}

/// 0: there is none, or it is no epoch of a reset.
std::uint16_t epoch_of(const parsed_json& command) {
  constexpr auto largest = std::numeric_limits<std::uint16_t>::max();
  const auto found = command.find("epoch");
  if (found == command.end() || !found->is_number_unsigned()
      || found->get<std::uint64_t>() > largest)
    return 0;
  return found->get<std::uint16_t>();
}

} // namespace

std::string_view name_of(table_verb what) {
  switch (what) {
  case table_verb::pause:
    return "pause";
  case table_verb::resume:
    return "resume";
  default:
    return "reset";
  }
}

std::string encode(const table_command& command) {
  json result{{"sluice", control_version},
              {"kind", "table"},
              {"table", command.table},
              {"command", name_of(command.what)}};
  if (command.what == table_verb::reset)
    result["epoch"] = command.epoch;
  result["by"] = command.by;
  return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

tl::expected<std::optional<table_command>, std::string>
parse_table_command(std::string_view record) {
  const auto command = parsed_json::parse(record, nullptr, false);
  if (!command.is_object() || text_of(command, "kind") != "table")
    return std::nullopt;
  const auto version = command.find("sluice");
  if (version == command.end() || !version->is_number_integer())
    return std::nullopt;
  if (*version != control_version)
    return tl::unexpected("a command has version " + version->dump()
                          + ", this program reads version "
                          + std::to_string(control_version));
  table_command result;
  result.table = text_of(command, "table");
  if (result.table.empty())
    return tl::unexpected(std::string{"a command names no table"});
  const auto word = text_of(command, "command");
  const auto verb = std::ranges::find_if(
      verbs, [&word](table_verb each) { return name_of(each) == word; });
  if (verb == verbs.end())
    return tl::unexpected("table " + result.table
                          + " has got an unknown command: '" + word + "'");
  result.what = *verb;
  if (result.what == table_verb::reset) {
    result.epoch = epoch_of(command);
    if (result.epoch == 0)
      return tl::unexpected("table " + result.table
                            + " has got a reset without an epoch");
  }
  result.by = text_of(command, "by");
  return result;
}

} // namespace sluice::plan
