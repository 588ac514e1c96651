#include "chaos/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include <nlohmann/json.hpp>

namespace sluice::chaos {

namespace {

std::string seconds_text(std::chrono::milliseconds duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s",
                std::chrono::duration<double>(duration).count());
  return text.data();
}

std::string megabytes_text(double bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f MiB", bytes / 1024 / 1024);
  return text.data();
}

std::string counted(const std::string& name, std::uint64_t count) {
  return name + " " + std::to_string(count);
}

/// "  head: a, b, c\n"; nothing when there is none.
std::string list_line(const std::string& head,
                      const std::vector<std::string>& items) {
  if (items.empty())
    return {};
  auto result = "  " + head + ": ";
  for (const auto& item : items)
    result += (&item == items.data() ? "" : ", ") + item;
  return result + "\n";
}

template <class Kind, std::size_t Size>
std::vector<std::string> happened(const std::array<std::uint64_t, Size>& counts,
                                  std::size_t first) {
  std::vector<std::string> result;
  for (auto i = first; i < Size; ++i)
    if (counts[i] != 0)
      result.push_back(
          counted(std::string{to_string(static_cast<Kind>(i))}, counts[i]));
  return result;
}

std::string tables_text(const report& of) {
  std::string result;
  for (const auto& table : of.tables) {
    result += "  table " + table.table + ": " + std::to_string(table.expected)
              + " rows expected, " + std::to_string(table.lost) + " lost, "
              + std::to_string(table.doubled) + " doubled, "
              + std::to_string(table.foreign) + " that must not be there\n";
    if (!table.example.empty())
      result += "    " + table.example + "\n";
  }
  return result;
}

std::string golds_text(const report& of) {
  std::string result;
  for (const auto& gold : of.golds) {
    result += "  gold " + gold.gold + ": " + std::to_string(gold.windows)
              + " windows compared, " + std::to_string(gold.rows)
              + " rows expected, " + std::to_string(gold.different)
              + " windows that differ\n";
    if (!gold.example.empty())
      result += "    " + gold.example + "\n";
  }
  std::vector<std::string> runs;
  for (const auto& [state, count] : of.gold_runs)
    runs.push_back(counted(state, count));
  return result + list_line("gold runs", runs);
}

nlohmann::ordered_json golds_json(const report& of) {
  auto result = nlohmann::ordered_json::array();
  for (const auto& gold : of.golds)
    result.push_back({{"gold", gold.gold},
                      {"windows", gold.windows},
                      {"rows", gold.rows},
                      {"different", gold.different},
                      {"example", gold.example}});
  return result;
}

std::vector<std::string> fired_items(const report& of) {
  std::vector<std::string> result;
  for (const auto& one : of.mechanisms)
    result.push_back(one.is_unknown ? one.name + " -"
                                    : counted(one.name, one.fired));
  return result;
}

std::vector<std::string> gap_items(const report& of) {
  std::vector<std::string> result;
  for (const auto& [what, gap] : of.longest_gaps)
    result.push_back(what + " " + seconds_text(gap));
  return result;
}

nlohmann::ordered_json tables_json(const report& of) {
  auto result = nlohmann::ordered_json::array();
  for (const auto& table : of.tables)
    result.push_back({{"table", table.table},
                      {"expected", table.expected},
                      {"lost", table.lost},
                      {"doubled", table.doubled},
                      {"foreign", table.foreign},
                      {"example", table.example}});
  return result;
}

template <class Kind, std::size_t Size>
nlohmann::ordered_json
counts_json(const std::array<std::uint64_t, Size>& counts) {
  auto result = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < Size; ++i)
    result[std::string{to_string(static_cast<Kind>(i))}] = counts[i];
  return result;
}

std::string verdict(const report& of) {
  if (of.interrupted)
    return "interrupted: nothing was compared";
  const auto numbers =
      std::to_string(lost_rows(of)) + " lost, "
      + std::to_string(doubled_rows(of)) + " doubled"
      + (of.golds.empty() ? ""
                          : ", " + std::to_string(different_windows(of))
                                + " of " + std::to_string(compared_windows(of))
                                + " windows of gold differ");
  return (has_passed(of) ? "passed: " : "FAILED: ") + numbers;
}

} // namespace

std::uint64_t lost_rows(const report& of) {
  return std::accumulate(
      of.tables.begin(), of.tables.end(), std::uint64_t{0},
      [](auto sum, const auto& table) { return sum + table.lost; });
}

std::uint64_t doubled_rows(const report& of) {
  return std::accumulate(
      of.tables.begin(), of.tables.end(), std::uint64_t{0},
      [](auto sum, const auto& table) { return sum + table.doubled; });
}

std::uint64_t compared_windows(const report& of) {
  return std::accumulate(
      of.golds.begin(), of.golds.end(), std::uint64_t{0},
      [](auto sum, const auto& gold) { return sum + gold.windows; });
}

std::uint64_t different_windows(const report& of) {
  return std::accumulate(
      of.golds.begin(), of.golds.end(), std::uint64_t{0},
      [](auto sum, const auto& gold) { return sum + gold.different; });
}

std::vector<std::string> silent_mechanisms(const report& of) {
  std::vector<std::string> result;
  for (const auto& one : of.mechanisms)
    if (one.fired == 0)
      result.push_back(one.name);
  return result;
}

bool has_passed(const report& of) {
  const auto is_exact = [](const auto& each) { return each.is_exact(); };
  const auto exact = std::ranges::all_of(of.tables, is_exact)
                     && std::ranges::all_of(of.golds, is_exact);
  const auto must_fire = of.rounds >= rounds_for_all_mechanisms;
  return !of.interrupted && exact && !of.tables.empty() && of.violations.empty()
         && (!must_fire || silent_mechanisms(of).empty());
}

std::string to_text(const report& of) {
  auto result = "chaos: " + std::to_string(of.rounds) + " of "
                + std::to_string(of.rounds_asked) + " rounds, seed "
                + std::to_string(of.seed) + ", " + seconds_text(of.took) + "\n";
  result += list_line("records", {counted("in Kafka", of.records),
                                  counted("poison", of.poison_records),
                                  counted("quarantined", of.quarantined)});
  result += list_line("broken", happened<disaster>(of.disasters, 0));
  result += list_line("faults on the way to ClickHouse",
                      happened<fault>(of.faults, 1));
  result += list_line("fired", fired_items(of));
  result += list_line("longest gap in the writes of one table and partition",
                      gap_items(of));
  if (of.memory_budget_bytes > 0)
    result += "  memory in use: at most " + megabytes_text(of.memory_peak_bytes)
              + " of " + megabytes_text(of.memory_budget_bytes)
              + " in any node\n";
  result += tables_text(of);
  result += golds_text(of);
  for (const auto& note : of.notes)
    result += "  note: " + note + "\n";
  for (const auto& violation : of.violations)
    result += "  violation: " + violation + "\n";
  if (const auto silent = silent_mechanisms(of); !of.interrupted)
    result += list_line(of.rounds >= rounds_for_all_mechanisms
                            ? "never fired, which fails the run"
                            : "never fired (so short a run may)",
                        silent);
  return result + verdict(of) + "\n";
}

std::string to_json(const report& of) {
  nlohmann::ordered_json result;
  result["passed"] = has_passed(of);
  result["interrupted"] = of.interrupted;
  result["seed"] = of.seed;
  result["rounds"] = of.rounds;
  result["rounds_asked"] = of.rounds_asked;
  result["seconds"] = std::chrono::duration<double>(of.took).count();
  result["lost"] = lost_rows(of);
  result["doubled"] = doubled_rows(of);
  result["windows_compared"] = compared_windows(of);
  result["windows_different"] = different_windows(of);
  result["records"] = of.records;
  result["poison_records"] = of.poison_records;
  result["quarantined"] = of.quarantined;
  result["disasters"] = counts_json<disaster>(of.disasters);
  result["faults"] = counts_json<fault>(of.faults);
  auto& fired = result["mechanisms"] = nlohmann::ordered_json::object();
  for (const auto& one : of.mechanisms)
    fired[one.name] = one.is_unknown ? nlohmann::ordered_json{}
                                     : nlohmann::ordered_json(one.fired);
  auto& gaps = result["longest_gap_seconds"] = nlohmann::ordered_json::object();
  for (const auto& [what, gap] : of.longest_gaps)
    gaps[what] = std::chrono::duration<double>(gap).count();
  result["memory_peak_bytes"] = of.memory_peak_bytes;
  result["memory_budget_bytes"] = of.memory_budget_bytes;
  result["tables"] = tables_json(of);
  result["golds"] = golds_json(of);
  result["gold_runs"] = of.gold_runs;
  result["notes"] = of.notes;
  result["violations"] = of.violations;
  return result.dump(2) + "\n";
}

} // namespace sluice::chaos
