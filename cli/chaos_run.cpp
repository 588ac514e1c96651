#include "cli/chaos_run.hpp"

#include <fstream>
#include <iostream>
#include <random>

#include "actors/signals.hpp"
#include "chaos/run.hpp"
#include "cli/arguments.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "topology/names.hpp"

namespace sluice::cli {

namespace {

/// As a shell tells the end by Ctrl-C.
constexpr int exit_interrupted = 130;

std::string new_run_name() {
  constexpr std::size_t characters = 8;
  constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device device;
  std::string result;
  while (result.size() < characters)
    result += letters[device() % letters.size()];
  return result;
}

/// A directory of its own for this run; removed at the end unless it is kept.
class run_directory {
public:
  [[nodiscard]] static tl::expected<run_directory, std::string>
  make(const chaos_options& arguments, const std::string& run) {
    run_directory result;
    result.keep_ = arguments.keep;
    std::error_code failure;
    const auto parent = arguments.data
                            ? *arguments.data
                            : std::filesystem::temp_directory_path(failure);
    if (!failure)
      result.path_ =
          std::filesystem::absolute(parent / ("sluice-chaos-" + run), failure);
    if (!failure)
      std::filesystem::create_directories(result.path_, failure);
    if (failure)
      return tl::unexpected("no directory for the run in " + parent.string()
                            + ": " + failure.message());
    return result;
  }
  ~run_directory() {
    std::error_code ignored; // what is left is in a directory of its own
    if (!keep_ && !path_.empty())
      std::filesystem::remove_all(path_, ignored);
  }
  run_directory(run_directory&& other) noexcept
      : path_{std::exchange(other.path_, {})}, keep_{other.keep_} {}
  run_directory& operator=(run_directory&&) = delete;
  run_directory(const run_directory&) = delete;
  run_directory& operator=(const run_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  run_directory() = default;
  std::filesystem::path path_;
  bool keep_ = false;
};

tl::expected<void, std::string> write_json(const std::string& file,
                                           const chaos::report& report) {
  if (file.empty())
    return {};
  std::ofstream out{file, std::ios::binary};
  out << chaos::to_json(report);
  out.close();
  if (!out)
    return tl::unexpected(file + " cannot be written");
  return {};
}

int finish(const chaos_options& arguments, const chaos::report& report) {
  std::cout << chaos::to_text(report);
  if (const auto written = write_json(arguments.json, report); !written)
    return fail(written.error());
  if (report.interrupted)
    return exit_interrupted;
  return chaos::has_passed(report) ? exit_ok : exit_failure;
}

} // namespace

int run_chaos(const chaos_options& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  const auto session = parse_duration(arguments.session_timeout);
  if (!session)
    return refuse("--session-timeout: " + session.error());
  if (!arguments.brokers.empty())
    if (const auto wrong = topology::brokers_mistake(arguments.brokers))
      return refuse("--brokers " + *wrong);
  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
  if (failure)
    return fail("this program cannot be found: " + failure.message());
  chaos::run_options options;
  options.run_name = new_run_name();
  auto directory = run_directory::make(arguments, options.run_name);
  if (!directory)
    return fail(directory.error());
  options.what = topology->what;
  options.program = program;
  options.directory = directory->path();
  options.rounds = arguments.rounds;
  options.seed = arguments.seed;
  options.nodes = arguments.nodes;
  options.rate = arguments.rate;
  if (!arguments.brokers.empty())
    options.brokers = arguments.brokers;
  options.broker_restart = arguments.broker_restart;
  options.session_timeout = *session;
  options.wait = actors::wait_for_stop;
  options.progress = [](const std::string& line) { note(line); };
  // Before any thread of librdkafka or of the proxy.
  actors::block_stop_signals();
  const auto report = chaos::run_chaos(options);
  if (!report)
    return fail(report.error());
  return finish(arguments, *report);
}

} // namespace sluice::cli
