#include "chaos/cluster.hpp"

#include <csignal>
#include <fstream>

#include "chaos/socket.hpp"

namespace sluice::chaos {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds look_interval = 20ms;
constexpr milliseconds start_deadline = 60s;

std::string node_name(std::size_t number) {
  return "node-" + std::to_string(number);
}

} // namespace

std::string last_line(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::string line;
  std::string result;
  while (std::getline(in, line))
    if (!line.empty())
      result = line;
  return result;
}

std::filesystem::path cluster::log_of(const std::string& name) const {
  return directory_ / (name + ".log");
}

child_options cluster::options(std::vector<std::string> arguments,
                               const std::string& name) const {
  child_options result;
  result.command = std::move(arguments);
  result.command.insert(result.command.begin(), program_.string());
  // The list of running nodes there is this run's alone.
  result.environment = {"XDG_RUNTIME_DIR=" + (directory_ / "runtime").string()};
  result.log = log_of(name);
  return result;
}

tl::expected<std::string, std::string>
cluster::start_broker(const std::vector<kafka::topic_plan>& topics,
                      const std::string& group) {
  std::vector<std::string> arguments = {
      "kafka", "--data", (directory_ / "kafka").string(), "--group", group};
  for (const auto& topic : topics) {
    arguments.emplace_back("--topic");
    arguments.push_back(topic.name + ":" + std::to_string(topic.partitions));
  }
  auto child = child_process::start(options(std::move(arguments), "kafka"));
  if (!child)
    return tl::unexpected(child.error());
  broker_ = std::move(*child);
  for (auto waited = 0ms; waited < start_deadline; waited += look_interval) {
    if (wait_(look_interval))
      return tl::unexpected(std::string{interrupted_words});
    auto line = last_line(log_of("kafka"));
    if (!broker_.is_running())
      return tl::unexpected("the broker has ended: " + line);
    if (line.starts_with("127.0.0.1:"))
      return line;
  }
  return tl::unexpected(std::string{"the broker does not start"});
}

tl::expected<void, std::string> cluster::start_clickhouse() {
  if (clickhouse_port_ == 0) {
    const auto port = free_port();
    if (!port)
      return tl::unexpected(port.error());
    clickhouse_port_ = *port;
  }
  auto child = child_process::start(
      options({"clickhouse", "--port", std::to_string(clickhouse_port_),
               "--data", (directory_ / "clickhouse").string()},
              "clickhouse"));
  if (!child)
    return tl::unexpected(child.error());
  clickhouse_ = std::move(*child);
  for (auto waited = 0ms; waited < start_deadline; waited += look_interval) {
    if (wait_(look_interval))
      return tl::unexpected(std::string{interrupted_words});
    if (!clickhouse_.is_running())
      return tl::unexpected("ClickHouse has ended: "
                            + last_line(log_of("clickhouse")));
    if (!connect_to_loopback(clickhouse_port_).is_open())
      continue;
    const std::lock_guard lock{mutex_};
    clickhouse_life_ = next_life_++;
    return {};
  }
  return tl::unexpected(std::string{"ClickHouse does not start"});
}

tl::expected<void, std::string>
cluster::start_node(std::size_t number,
                    const std::filesystem::path& topology_file) {
  const auto port = free_port();
  if (!port)
    return tl::unexpected(port.error());
  const auto name = node_name(number);
  std::vector<std::string> arguments = {
      "run",           topology_file.string(),
      "--data",        (directory_ / name).string(),
      "--status-port", std::to_string(*port),
      "--no-apply"};
  if (number % 2 == 0)
    arguments.insert(arguments.end(), {"--instance-id", name});
  auto child = child_process::start(options(std::move(arguments), name));
  if (!child)
    return tl::unexpected(child.error());
  const std::lock_guard lock{mutex_};
  nodes_[number] = {std::move(*child), *port, next_life_++};
  return {};
}

tl::expected<void, std::string> cluster::run(std::vector<std::string> command,
                                             const std::string& name,
                                             milliseconds deadline) {
  auto what = options({}, name);
  what.command = std::move(command);
  auto child = child_process::start(what);
  if (!child)
    return tl::unexpected(child.error());
  for (auto waited = 0ms; child->is_running(); waited += look_interval) {
    if (wait_(look_interval))
      return tl::unexpected(std::string{interrupted_words});
    if (waited > deadline)
      return tl::unexpected(name + " has not ended in time");
  }
  if (child->exit_code() != 0)
    return tl::unexpected(name + " failed: " + last_line(what.log));
  return {};
}

void cluster::kill_node(std::size_t number) {
  const std::lock_guard lock{mutex_};
  nodes_.erase(number);
}

void cluster::signal_node(std::size_t number, int signal) {
  const std::lock_guard lock{mutex_};
  if (const auto at = nodes_.find(number); at != nodes_.end())
    at->second.process.signal(signal);
}

bool cluster::end_node(std::size_t number, milliseconds deadline) {
  node ending;
  {
    const std::lock_guard lock{mutex_};
    const auto at = nodes_.find(number);
    if (at == nodes_.end())
      return true;
    ending = std::move(at->second);
    nodes_.erase(at);
  }
  return ending.process.terminate(deadline);
}

void cluster::kill_clickhouse() {
  {
    const std::lock_guard lock{mutex_};
    clickhouse_life_ = 0;
  }
  clickhouse_.kill();
}

bool cluster::is_node_running(std::size_t number) {
  const std::lock_guard lock{mutex_};
  const auto at = nodes_.find(number);
  return at != nodes_.end() && at->second.process.is_running();
}

std::string cluster::last_words(std::size_t number) const {
  return last_line(log_of(node_name(number)));
}

std::vector<living> cluster::living_nodes() const {
  const std::lock_guard lock{mutex_};
  std::vector<living> result;
  for (const auto& [number, one] : nodes_)
    result.push_back({one.life, one.port});
  return result;
}

living cluster::living_clickhouse() const {
  const std::lock_guard lock{mutex_};
  return {clickhouse_life_, clickhouse_port_};
}

} // namespace sluice::chaos
