// Short ways to read a topology in a test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/read.hpp"

namespace sluice::topology::testing {

using variables = std::map<std::string, std::string>;

inline environment environment_of(variables values) {
  return [values = std::move(values)](
             const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end())
      return std::nullopt;
    return found->second;
  };
}

/// The diagnostics of `yaml` as "line:column: message"; empty: it is valid.
inline std::vector<std::string> mistakes_in(std::string_view yaml,
                                            variables values = {}) {
  const auto result =
      read_text(yaml, "t.yaml", environment_of(std::move(values)));
  std::vector<std::string> lines;
  if (result)
    return lines;
  for (const auto& mistake : result.error()) {
    EXPECT_EQ(mistake.file, "t.yaml");
    lines.push_back(to_string(mistake).substr(sizeof "t.yaml:" - 1));
  }
  EXPECT_FALSE(lines.empty()) << "neither a topology nor a mistake";
  return lines;
}

/// The topology of `yaml`, which must be valid.
inline topology read_valid(std::string_view yaml, variables values = {}) {
  const auto result =
      read_text(yaml, "t.yaml", environment_of(std::move(values)));
  if (result)
    return *result;
  for (const auto& mistake : result.error())
    ADD_FAILURE() << to_string(mistake);
  return {};
}

/// The smallest valid topology (5 lines), to put more sections after.
inline const std::string smallest =
    "pipeline: p\n"
    "tables:\n"
    "  t:\n"
    "    {topic: a.b, mode: append,\n"
    "     columns: {id: Int64, at: DateTime}}\n";

/// A topology with one table of which only the lines after `  t:` are given,
/// each indented by four spaces; the first of them is line 4.
inline std::string with_table(const std::string& lines) {
  return "pipeline: p\ntables:\n  t:\n" + lines;
}

/// The smallest topology and a gold table `g` whose lines are given, each
/// indented by four spaces; the first of them is line 8.
inline std::string with_gold(const std::string& lines) {
  return smallest + "gold:\n  g:\n" + lines;
}

} // namespace sluice::topology::testing
