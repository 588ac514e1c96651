// bench_stages: the stages between Kafka and ClickHouse, each alone, for one
// table of a topology; tells as JSON what each took.
#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "bench/arguments.hpp"
#include "bench/stages.hpp"
#include "clickhouse/endpoints.hpp"
#include "topology/read.hpp"

namespace sluice::bench {

namespace {

tl::expected<stage_plan, std::string> read(const arguments& given) {
  const auto what = topology::read_file(given.text("topology"),
                                        topology::process_environment());
  if (!what)
    return tl::unexpected(topology::to_string(what.error().front()));
  const auto& tables = what->tables;
  const auto& name = given.text("table");
  const auto found = std::ranges::find(tables, name, &topology::table::name);
  if (found == tables.end())
    return tl::unexpected("the topology has no table " + name);
  const auto layout = silver::lay_out(*found);
  if (!layout)
    return tl::unexpected(layout.error().front().message);
  const auto messages = given.number("messages");
  const auto rows = given.number("cut-rows");
  if (!messages || !rows || *messages == 0 || *rows == 0)
    return tl::unexpected(
        std::string{"--messages and --cut-rows are whole numbers above 0"});
  return stage_plan{*layout, given.text("stream"), *messages, *rows};
}

tl::expected<std::vector<stage_figures>, std::string>
measure(const stage_plan& plan, const std::filesystem::path& data) {
  auto figures = measure_computing(plan);
  if (!figures)
    return figures;
  const auto home = clickhouse::embedded_endpoint(data, "default");
  if (!home)
    return tl::unexpected(home.error());
  const auto client = (*home)->connect();
  auto inserted = measure_inserting(plan, *client, "default");
  if (!inserted)
    return inserted;
  figures->insert(figures->end(), inserted->begin(), inserted->end());
  return figures;
}

int run(std::span<char* const> words) {
  const auto given = arguments::parse(words, {{"topology", ""},
                                              {"table", ""},
                                              {"stream", ""},
                                              {"data", ""},
                                              {"messages", ""},
                                              {"cut-rows", "500000"}});
  const auto plan = given ? read(*given) : tl::unexpected(given.error());
  if (!plan) {
    std::cerr << "bench_stages: " << plan.error() << '\n';
    return 2;
  }
  const auto figures = measure(*plan, given->text("data"));
  if (!figures) {
    std::cerr << "bench_stages: " << figures.error() << '\n';
    return 1;
  }
  auto list = nlohmann::json::array();
  for (const auto& each : *figures)
    list.push_back({{"stage", each.name},
                    {"messages", each.messages},
                    {"seconds", each.seconds},
                    {"cpu_seconds", each.cpu_seconds}});
  std::cout << list << '\n';
  return 0;
}

} // namespace

} // namespace sluice::bench

int main(int count, char** words) {
  return sluice::bench::run(
      std::span<char* const>{words, static_cast<std::size_t>(count)});
}
