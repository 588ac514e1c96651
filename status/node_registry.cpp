#include "status/node_registry.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include "status/process_start.hpp"

namespace sluice::status {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr mode_t private_directory = 0700;
constexpr mode_t open_to_others = 0077;

/// Empty when the directory is this user's own and no one else's business. A
/// link is not followed: /tmp belongs to everyone.
std::string check_directory(const fs::path& directory) {
  const auto name = "the registry directory " + directory.string();
  struct stat found {};
  if (::lstat(directory.c_str(), &found) != 0)
    return name + ": " + std::generic_category().message(errno);
  if (!S_ISDIR(found.st_mode))
    return name + " is no directory: remove it";
  if (found.st_uid != ::geteuid())
    return name
           + " belongs to another user: set XDG_RUNTIME_DIR to a "
             "directory of your own";
  if ((found.st_mode & open_to_others) != 0)
    return name + " is open to other users: chmod 700 it";
  return {};
}

json to_document(const node_entry& entry, std::uint64_t start_ticks) {
  return {{"pipeline", entry.pipeline},
          {"topology_file", entry.topology_file},
          {"status_url", entry.status_url},
          {"kafka_brokers", entry.kafka_brokers},
          {"clickhouse_url", entry.clickhouse_url},
          {"data_directory", entry.data_directory},
          {"pid", entry.pid},
          {"started", entry.started.time_since_epoch().count()},
          {"start_ticks", start_ticks}};
}

struct registered_node {
  node_entry entry;
  std::uint64_t start_ticks = 0;
};

std::optional<registered_node> read_node(const fs::path& file) {
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto document = json::parse(text, nullptr, false);
  if (!document.is_object())
    return std::nullopt;
  try {
    registered_node node;
    auto& entry = node.entry;
    entry.pipeline = document.at("pipeline");
    entry.topology_file = document.at("topology_file");
    entry.status_url = document.at("status_url");
    entry.kafka_brokers = document.at("kafka_brokers");
    entry.clickhouse_url = document.at("clickhouse_url");
    entry.data_directory = document.at("data_directory");
    entry.pid = document.at("pid");
    entry.started = instant{
        std::chrono::milliseconds{document.at("started").get<std::int64_t>()}};
    node.start_ticks = document.at("start_ticks");
    return node;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

/// Writes beside the file and renames: a reader sees all of it or nothing.
/// Other nodes may be writing the same file.
std::string write_file(const fs::path& file, const std::string& text) {
  auto draft = file;
  draft += "." + std::to_string(::getpid()) + ".new";
  std::ofstream out{draft, std::ios::trunc};
  out << text;
  out.close();
  std::error_code failure;
  if (out)
    fs::rename(draft, file, failure);
  if (out && !failure)
    return {};
  const auto reason =
      failure ? failure.message() : std::generic_category().message(errno);
  fs::remove(draft, failure);
  return "cannot write " + file.string() + ": " + reason;
}

/// Stays when the node is gone.
fs::path last_file(const fs::path& directory, const std::string& pipeline) {
  return directory / (pipeline + ".last");
}

} // namespace

fs::path default_registry_directory() {
  const auto* runtime = std::getenv("XDG_RUNTIME_DIR"); // NOLINT
  const fs::path base =
      runtime != nullptr && *runtime != '\0' ? runtime : "/tmp";
  return base / ("sluice-" + std::to_string(::geteuid()));
}

tl::expected<registration, std::string>
registration::write(node_entry entry, const fs::path& directory) {
  if (::mkdir(directory.c_str(), private_directory) != 0 && errno != EEXIST)
    return tl::unexpected("cannot create the registry directory "
                          + directory.string() + ": "
                          + std::generic_category().message(errno)
                          + "; set XDG_RUNTIME_DIR to a writable directory");
  if (auto mistake = check_directory(directory); !mistake.empty())
    return tl::unexpected(std::move(mistake));
  entry.pid = ::getpid();
  const auto ticks = process_start(entry.pid);
  if (!ticks)
    return tl::unexpected(std::string("cannot read /proc/self/stat"));
  auto file = directory / (std::to_string(entry.pid) + ".json");
  const auto text = to_document(entry, *ticks)
                        .dump(2, ' ', false, json::error_handler_t::replace);
  if (auto mistake = write_file(file, text + "\n"); !mistake.empty())
    return tl::unexpected(std::move(mistake));
  if (auto mistake = write_file(last_file(directory, entry.pipeline),
                                entry.data_directory + "\n");
      !mistake.empty())
    return tl::unexpected(std::move(mistake));
  return registration{std::move(file)};
}

registration::registration(fs::path file) : file_(std::move(file)) {}

registration::~registration() {
  if (file_.empty())
    return;
  std::error_code ignored;
  fs::remove(file_, ignored);
}

registration::registration(registration&& other) noexcept
    : file_(std::exchange(other.file_, {})) {}

registration& registration::operator=(registration&& other) noexcept {
  // A process has one file: written anew, it must outlive the older handle.
  if (file_ == other.file_)
    other.file_.clear();
  else
    std::swap(file_, other.file_);
  return *this;
}

std::optional<fs::path> last_data_directory(const std::string& pipeline,
                                            const fs::path& directory) {
  if (!check_directory(directory).empty())
    return std::nullopt;
  std::ifstream in{last_file(directory, pipeline)};
  std::string line;
  std::error_code ignored; // not to be seen is not to be there
  if (!std::getline(in, line) || !fs::is_directory(line, ignored))
    return std::nullopt;
  return line;
}

tl::expected<std::vector<node_entry>, std::string>
find_nodes(const std::optional<std::string>& pipeline,
           const fs::path& directory) {
  std::vector<node_entry> nodes;
  std::error_code failure;
  if (!fs::exists(fs::symlink_status(directory, failure)))
    return nodes;
  if (auto mistake = check_directory(directory); !mistake.empty())
    return tl::unexpected(std::move(mistake));
  fs::directory_iterator files{directory, failure};
  if (failure)
    return tl::unexpected("cannot read " + directory.string() + ": "
                          + failure.message());
  for (; files != fs::directory_iterator{}; files.increment(failure)) {
    if (failure)
      break;
    const auto& file = files->path();
    if (file.extension() != ".json")
      continue;
    auto node = read_node(file);
    if (!node)
      continue;
    if (process_start(node->entry.pid) != node->start_ticks)
      fs::remove(file, failure);
    else if (!pipeline || node->entry.pipeline == *pipeline)
      nodes.push_back(std::move(node->entry));
  }
  std::sort(nodes.begin(), nodes.end(), [](const auto& a, const auto& b) {
    return std::pair{a.started, a.pid} < std::pair{b.started, b.pid};
  });
  return nodes;
}

} // namespace sluice::status
