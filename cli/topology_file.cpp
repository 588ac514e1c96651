#include "cli/topology_file.hpp"

#include <iostream>

#include "topology/read.hpp"

namespace sluice::cli {

namespace {

void print(const std::vector<topology::diagnostic>& mistakes) {
  std::cout.flush();
  for (const auto& mistake : mistakes)
    std::cerr << to_string(mistake) << '\n';
}

} // namespace

std::optional<topology_file> load_topology(const std::string& file) {
  auto what = topology::read_file(file, topology::process_environment());
  if (!what) {
    print(what.error());
    return std::nullopt;
  }
  auto tables = plan::lay_out(*what);
  if (!tables) {
    print(tables.error());
    return std::nullopt;
  }
  return topology_file{std::move(*what), std::move(*tables)};
}

void add_file(CLI::App& to, std::string& file) {
  to.add_option("FILE", file, "the topology file (YAML)")
      ->required()
      ->type_name("");
}

void add_data(CLI::App& to, std::optional<std::filesystem::path>& directory,
              const std::string& help) {
  to.add_option_function<std::string>(
        "--data", [&directory](const std::string& text) { directory = text; },
        help)
      ->type_name("DIR");
}

} // namespace sluice::cli
