#include "cli/clickhouse_access.hpp"

#include "cli/node_choice.hpp"
#include "cli/topology_file.hpp"
#include "clickhouse/embedded_client.hpp"
#include "clickhouse/endpoints.hpp"
#include "plan/words.hpp"
#include "status/node_registry.hpp"

namespace sluice::cli {

namespace {

clickhouse_access over_http(topology::clickhouse where) {
  auto name = plan::without_credentials(where.url);
  auto connect = [where = std::move(where)](const std::string& database) {
    auto there = where;
    there.database = database;
    return clickhouse::http_endpoint(there)->connect();
  };
  return {std::move(connect), std::move(name)};
}

clickhouse_access of_node(topology::clickhouse where, std::string url) {
  where.url = std::move(url);
  // The embedded ClickHouse listens on the loopback only and knows one user.
  where.user = "default";
  where.password.clear();
  where.ca_file.clear();
  return over_http(std::move(where));
}

tl::expected<clickhouse_access, std::string>
in_directory(const topology::topology& what,
             const std::optional<std::filesystem::path>& data,
             if_missing otherwise) {
  std::error_code ignored; // not to be seen is not to be there
  auto parent = data.value_or(default_data_directory);
  if (!data && !std::filesystem::exists(parent / "clickhouse", ignored))
    parent = status::last_data_directory(what.pipeline).value_or(parent);
  const auto directory = parent / "clickhouse";
  if (otherwise == if_missing::refuse
      && !std::filesystem::exists(directory, ignored))
    return tl::unexpected(
        "no node of pipeline " + what.pipeline + " is running here, and "
        + directory.string() + " does not exist: start one with `sluice run "
        + what.file + "`, or say with --data where its data are");
  auto connect = open_embedded(directory);
  if (!connect)
    return tl::unexpected(std::move(connect.error()));
  return clickhouse_access{std::move(*connect),
                           "the data directory " + parent.string()};
}

} // namespace

tl::expected<clickhouse_access, std::string>
find_clickhouse(const topology::topology& what,
                const std::optional<std::filesystem::path>& data,
                if_missing otherwise) {
  if (!what.clickhouse.is_embedded())
    return over_http(what.clickhouse);
  const auto node = find_only_node(what.pipeline, data);
  if (!node)
    return tl::unexpected(node.error());
  if (const auto& running = *node; running && !running->clickhouse_url.empty())
    return of_node(what.clickhouse, running->clickhouse_url);
  return in_directory(what, data, otherwise);
}

tl::expected<plan::connector, std::string>
open_embedded(const std::filesystem::path& directory) {
  auto opened = clickhouse::embedded_endpoint(directory, "default");
  if (!opened)
    return tl::unexpected(std::move(opened.error()));
  const auto home =
      std::dynamic_pointer_cast<clickhouse::embedded_home>(*opened);
  if (!home)
    return tl::unexpected(std::string{"the embedded ClickHouse is of a kind "
                                      "that this command does not know"});
  return [engine = home->engine()](const std::string& database) {
    return clickhouse::embedded_home{engine, database}.connect();
  };
}

} // namespace sluice::cli
