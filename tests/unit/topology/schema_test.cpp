// config/topology.schema.json says what the reader does: the same keys, the
// same words, the same defaults.
#include <algorithm>
#include <set>

#include <yaml-cpp/yaml.h>

#include "tests/unit/topology/reading.hpp"
#include "topology/keys.hpp"
#include "topology/quantity.hpp"

namespace sluice::topology {

using testing::read_valid;
using testing::smallest;

namespace {

const YAML::Node& schema() {
  static const YAML::Node root =
      YAML::LoadFile(SLUICE_SOURCE_DIR "/config/topology.schema.json");
  return root;
}

/// The definition that a "$ref" leads to, and of several alternatives the one
/// that is a map.
YAML::Node resolve(YAML::Node node) {
  constexpr std::string_view prefix = "#/$defs/";
  for (int steps = 0; steps < 8; ++steps) {
    if (const auto reference = node["$ref"]; reference) {
      const auto target = reference.as<std::string>();
      EXPECT_TRUE(target.starts_with(prefix)) << target;
      node.reset(schema()["$defs"][target.substr(prefix.size())]);
      continue;
    }
    if (node["properties"] || node["additionalProperties"] || !node["anyOf"])
      return node;
    for (const auto& alternative : node["anyOf"]) {
      const auto resolved = resolve(alternative);
      if (resolved["properties"])
        return resolved;
    }
    return node;
  }
  ADD_FAILURE() << "a $ref leads in a circle";
  return node;
}

/// The schema of "tables.*.columns"; "*" is any name of a map.
YAML::Node schema_at(std::string_view path) {
  YAML::Node node = resolve(schema());
  while (!path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    const std::string step{path.substr(0, dot)};
    path.remove_prefix(std::min(dot + 1, path.size()));
    node.reset(resolve(step == "*" ? node["additionalProperties"]
                                   : node["properties"][step]));
  }
  return node;
}

std::set<std::string> set_of(std::span<const std::string_view> words) {
  return {words.begin(), words.end()};
}

std::set<std::string> keys_of(const YAML::Node& map) {
  std::set<std::string> keys;
  for (const auto& child : map)
    keys.insert(child.first.as<std::string>());
  return keys;
}

std::set<std::string> items_of(const YAML::Node& list) {
  std::set<std::string> items;
  for (const auto& item : list) {
    if (item.Tag() == "!" || !item.IsNull())
      items.insert(item.as<std::string>());
  }
  return items;
}

/// Counts the maps in the schema that list properties.
int count_sections(const YAML::Node& node) {
  int count = 0;
  if (node.IsMap() && node["properties"] && node["additionalProperties"])
    ++count;
  if (node.IsMap() || node.IsSequence()) {
    for (const auto& child : node)
      count += count_sections(node.IsMap() ? child.second
                                           : static_cast<YAML::Node>(child));
  }
  return count;
}

} // namespace

TEST(Schema, HasTheKeysThatTheReaderKnowsAndNoOthers) {
  for (const auto* section : all_sections()) {
    const auto node = schema_at(section->path);
    EXPECT_EQ(keys_of(node["properties"]), set_of(section->keys))
        << section->path;
    EXPECT_EQ(node["required"] ? items_of(node["required"])
                               : std::set<std::string>{},
              set_of(section->required))
        << section->path;
    EXPECT_FALSE(node["additionalProperties"].as<bool>()) << section->path;
  }
}

TEST(Schema, HasNoSectionThatTheReaderDoesNotKnow) {
  // {file: PATH} is a value, not a section.
  EXPECT_EQ(count_sections(schema()),
            static_cast<int>(all_sections().size()) + 1);
}

TEST(Schema, DescribesEveryKey) {
  for (const auto* section : all_sections()) {
    const auto properties = schema_at(section->path)["properties"];
    for (const auto& child : properties) {
      const auto name = child.first.as<std::string>();
      EXPECT_TRUE(child.second["description"]
                  || resolve(child.second)["description"])
          << section->path << " " << name;
    }
  }
}

TEST(Schema, HasTheWordsThatTheReaderKnowsAndNoOthers) {
  for (const auto* list : all_word_lists()) {
    const auto node = schema_at(list->path);
    ASSERT_TRUE(node["anyOf"][0]["enum"]) << list->path;
    EXPECT_EQ(items_of(node["anyOf"][0]["enum"]), set_of(list->words))
        << list->path;
  }
}

TEST(Schema, ItsDefaultsAreTheReaders) {
  const auto plain = read_valid(smallest);
  int checked = 0;
  for (const std::string section : {"kafka", "kafka.embedded", "clickhouse",
                                    "status", "tuning", "recovery"}) {
    for (const auto& child : schema_at(section)["properties"]) {
      if (!child.second["default"])
        continue;
      const auto key = child.first.as<std::string>();
      const auto line =
          key + ": '" + child.second["default"].as<std::string>() + "'";
      const auto yaml = section == "kafka.embedded"
                            ? smallest + "kafka: {embedded: {" + line + "}}\n"
                            : smallest + section + ": {" + line + "}\n";
      const auto read = read_valid(yaml);
      EXPECT_EQ(read.kafka, plain.kafka) << line;
      EXPECT_EQ(read.clickhouse, plain.clickhouse) << line;
      EXPECT_EQ(read.status, plain.status) << line;
      EXPECT_EQ(read.tuning, plain.tuning) << line;
      EXPECT_EQ(read.recovery, plain.recovery) << line;
      ++checked;
    }
  }
  EXPECT_EQ(checked, 26);
}

TEST(Schema, ItsDefaultsOfTablesAndGoldAreTheReaders) {
  // Beside a "$ref", which schema_at() would follow.
  const auto at = [](const std::string& path) {
    const auto dot = path.rfind('.');
    return schema_at(std::string_view{path}.substr(
        0, dot))["properties"][path.substr(dot + 1)]["default"]
        .as<std::string>();
  };
  const table silver;
  EXPECT_EQ(at("tables.*.format"),
            word_lists::format.words[static_cast<std::size_t>(silver.format)]);
  EXPECT_EQ(at("tables.*.mode"),
            word_lists::mode.words[static_cast<std::size_t>(silver.mode)]);
  EXPECT_EQ(at("tables.*.start"), "earliest");
  EXPECT_EQ(silver.start.from, table_start::kind::earliest);
  const column one;
  EXPECT_EQ(at("tables.*.columns.*.unit"),
            word_lists::unit.words[static_cast<std::size_t>(one.unit)]);
  EXPECT_EQ(
      at("tables.*.columns.*.on_invalid"),
      word_lists::on_invalid.words[static_cast<std::size_t>(one.invalid)]);
  const gold_retry retry;
  EXPECT_EQ(at("gold.*.retry.attempts"), std::to_string(retry.attempts));
  const gold result;
  const gold_join join;
  EXPECT_EQ(at("gold.*.debounce"), to_text(result.debounce));
  EXPECT_EQ(at("gold.*.max_staleness"), to_text(result.max_staleness));
  EXPECT_EQ(at("gold.*.window.idle"), to_text(result.window.idle));
  EXPECT_EQ(at("gold.*.window.ahead"), to_text(result.window.ahead));
  EXPECT_EQ(parse_instant(at("gold.*.window.oldest")), result.window.oldest);
  EXPECT_EQ(at("gold.*.window.outside"), "count");
  EXPECT_EQ(result.window.outside, on_outside::count);
  EXPECT_EQ(at("gold.*.children.*.changes"), "rerun");
  EXPECT_EQ(join.changes, on_join::rerun);
  EXPECT_EQ(at("gold.*.dimensions.*.changes"), "next_run");
}

} // namespace sluice::topology
