#include "actors/window_finder.hpp"

#include "actors/failure.hpp"

namespace sluice::actors {

namespace {

using clickhouse::remedy;

tl::expected<std::vector<std::int64_t>, clickhouse::error>
ask(clickhouse::client& client, const marks::question& what) {
  clickhouse::query_request request;
  request.sql = what.sql;
  request.format = "TabSeparated";
  request.options = marks::settings_of(what);
  const auto answer = client.query(request);
  if (!answer)
    return tl::unexpected(answer.error());
  auto times = marks::parse_times(*answer);
  if (!times)
    return tl::unexpected(clickhouse::error{
        remedy::retry, 0, false,
        "ClickHouse's answer cannot be read: " + times.error()});
  return std::move(*times);
}

times_found find(clickhouse::client& client, const find_times& what) {
  std::vector<std::vector<std::int64_t>> result;
  for (const auto& each : what.questions) {
    auto times = ask(client, each);
    if (!times)
      return {tl::unexpected(times.error())};
    result.push_back(std::move(*times));
  }
  return {std::move(result)};
}

} // namespace

window_finder_actor::behavior_type
window_finder(window_finder_actor::pointer self,
              std::shared_ptr<clickhouse::endpoint> endpoint) {
  keep_failure_text(self);
  std::shared_ptr<clickhouse::client> client = endpoint->connect();
  return {[client](const find_times& what) { return find(*client, what); }};
}

} // namespace sluice::actors
