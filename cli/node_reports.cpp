#include "cli/node_reports.hpp"

#include "status/http_get.hpp"

namespace sluice::cli {

tl::expected<status::report, std::string> fetch_report(std::string address) {
  while (address.ends_with('/'))
    address.pop_back();
  const auto url = address + "/status";
  const auto answer = status::http_get(url);
  if (!answer)
    return tl::unexpected(answer.error());
  constexpr int http_ok = 200;
  if (answer->status != http_ok)
    return tl::unexpected(url + " answers " + std::to_string(answer->status)
                          + ": is this the status page of a node?");
  auto report = status::from_json(answer->body);
  if (!report)
    return tl::unexpected(url + ": " + report.error());
  return report;
}

tl::expected<node_reports, std::string> fetch_reports(const node_wish& wish) {
  const auto nodes = find_wished_nodes(wish);
  if (!nodes)
    return tl::unexpected(nodes.error());
  node_reports result;
  for (const auto& node : *nodes) {
    auto report = fetch_report(node.status_url);
    if (report)
      result.reports.push_back(std::move(*report));
    else
      result.silent.push_back("node of pipeline " + node.pipeline + ", process "
                              + std::to_string(node.pid) + ": "
                              + report.error());
  }
  return result;
}

} // namespace sluice::cli
