#include "topology/read.hpp"

#include <cstdlib>

#include "topology/names.hpp"
#include "topology/read_sections.hpp"
#include "topology/secret_file.hpp"

namespace sluice::topology {

namespace {

void fill_defaults(topology& into) {
  if (into.kafka.group.empty())
    into.kafka.group = into.pipeline;
  if (into.kafka.dead_letter_topic.empty())
    into.kafka.dead_letter_topic = into.pipeline + ".dlq";
}

/// Dead letters on a topic that is read would be read again, for ever.
void check_dead_letters(const topology& what, const fields& values) {
  for (const auto& table : what.tables) {
    if (table.topic == what.kafka.dead_letter_topic)
      values.found().add(table.where,
                         "table " + shown(table.name) + " reads "
                             + shown(table.topic)
                             + ", which is the dead-letter topic: its records "
                               "would come back for ever");
  }
}

topology read_root(const node& root, const reading& context) {
  topology result;
  const fields values{
      root, {1, 1}, sections::root, "the topology", context.found};
  if (const auto name = values.text("pipeline", "a name")) {
    if (const auto wrong = pipeline_name_mistake(name->text))
      values.complain("pipeline", *wrong);
    result.pipeline = name->text;
  }
  if (const auto* child = values.find("kafka"))
    read_kafka(*child, result, context);
  if (const auto* child = values.find("clickhouse"))
    read_clickhouse(*child, result.clickhouse, context);
  if (const auto* child = values.find("status"))
    read_status(*child, result.status, context);
  if (const auto* child = values.find("tuning"))
    read_tuning(*child, result.tuning, context);
  if (const auto* child = values.find("recovery"))
    read_recovery(*child, result.recovery, context);
  if (const auto* child = values.find("tables"))
    read_tables(*child, result, context);
  if (const auto* child = values.find("gold"))
    read_golds(*child, result, context);
  fill_defaults(result);
  check_dead_letters(result, values);
  return result;
}

} // namespace

std::string to_string(const diagnostic& mistake) {
  std::string text = mistake.file + ":";
  if (mistake.where.line > 0)
    text += std::to_string(mistake.where.line) + ":"
            + std::to_string(mistake.where.column) + ":";
  return text + " " + mistake.message;
}

environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    // The topology is read before any thread is started.
    const char* value =
        std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
}

tl::expected<topology, std::vector<diagnostic>>
read_file(const std::filesystem::path& file, const environment& env) {
  const auto yaml = read_bytes_of(file, yaml_bytes_max);
  if (!yaml)
    return tl::make_unexpected(
        std::vector<diagnostic>{{file.string(), {}, yaml.error()}});
  return read_text(*yaml, file.string(), env);
}

tl::expected<topology, std::vector<diagnostic>>
read_text(std::string_view yaml, const std::string& name,
          const environment& env) {
  mistakes found{name};
  topology result;
  if (const auto root = parse_yaml(yaml, env, found)) {
    if (root->kind == node_kind::map)
      result =
          read_root(*root, {found, std::filesystem::path{name}.parent_path()});
    else if (!root->faulty)
      found.add({1, 1}, "a topology is a map that begins with 'pipeline:', but "
                            + describe(*root) + " stands there");
  }
  if (!found.empty())
    return tl::make_unexpected(found.take());
  result.file = name;
  return result;
}

} // namespace sluice::topology
