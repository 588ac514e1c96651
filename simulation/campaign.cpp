#include "simulation/campaign.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sluice::simulation {

namespace {

/// Closes what it holds.
class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_{fd} {}
  ~descriptor() { reset(); }
  descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void reset() {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = -1;
  }

private:
  int fd_;
};

/// What a worker says, one line each, fields separated by tabs:
///   begin SEED | violation TEXT | count NAME NUMBER | end SEED
class worker_pipe {
public:
  explicit worker_pipe(int fd) : fd_{fd} {}
  void say(const std::string& kind, std::string text) const {
    std::ranges::replace(text, '\n', ' ');
    const auto line = kind + "\t" + text + "\n";
    for (std::size_t done = 0; done < line.size();) {
      const auto count = ::write(fd_, line.data() + done, line.size() - done);
      if (count < 0 && errno != EINTR)
        ::_exit(1); // nobody listens any more
      done += count < 0 ? 0 : static_cast<std::size_t>(count);
    }
  }

private:
  int fd_;
};

[[noreturn]] void work(const campaign_options& options, unsigned index,
                       int results, int log) {
  ::dup2(log, STDERR_FILENO);
  const worker_pipe out{results};
  for (auto i = std::uint64_t{index}; i < options.schedules;
       i += options.workers) {
    out.say("begin", std::to_string(options.seed + i));
    // Only the last schedule's log is of interest.
    if (::ftruncate(log, 0) == 0)
      ::lseek(log, 0, SEEK_SET);
    const auto result = run_schedule(options.seed + i, nullptr);
    for (const auto& each : result.violations)
      out.say("violation", each);
    for (const auto& [name, count] : result.counts)
      out.say("count", name + "\t" + std::to_string(count));
    out.say("end", "");
  }
  // Nothing of the parent's is to be flushed or ended here.
  ::_exit(0);
}

class worker {
public:
  worker(const campaign_options& options, unsigned index)
      : log_{::memfd_create("log", MFD_CLOEXEC)} {
    std::array<int, 2> ends{};
    if (log_.get() < 0 || ::pipe(ends.data()) != 0)
      return;
    results_ = descriptor{ends[0]};
    descriptor write_end{ends[1]};
    pid_ = ::fork();
    if (pid_ == 0) {
      results_.reset();
      work(options, index, write_end.get(), log_.get());
    }
  }
  ~worker() { stop(); }
  worker(worker&&) = delete;
  worker(const worker&) = delete;
  worker& operator=(worker&&) = delete;
  worker& operator=(const worker&) = delete;

  [[nodiscard]] bool has_started() const { return pid_ > 0; }
  [[nodiscard]] int results() const { return results_.get(); }

  /// Reads what there is; false at the end.
  template <class Line>
  bool read(Line line) {
    std::array<char, 65536> buffer{};
    const auto count = ::read(results_.get(), buffer.data(), buffer.size());
    if (count < 0)
      return errno == EINTR;
    rest_.append(buffer.data(), static_cast<std::size_t>(count));
    for (auto end = rest_.find('\n'); end != std::string::npos;
         end = rest_.find('\n')) {
      const auto tab = rest_.find('\t');
      line(rest_.substr(0, tab), rest_.substr(tab + 1, end - tab - 1));
      rest_.erase(0, end + 1);
    }
    return count > 0;
  }

  /// How it ended, when not as it should have.
  [[nodiscard]] std::optional<std::string> failure() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    results_.reset();
    if (WIFSIGNALED(status))
      return "the process ended with signal " + std::to_string(WTERMSIG(status))
             + ": " + last_words();
    if (WEXITSTATUS(status) != 0)
      return "the process ended with exit code "
             + std::to_string(WEXITSTATUS(status)) + ": " + last_words();
    return std::nullopt;
  }

private:
  void stop() {
    if (pid_ <= 0)
      return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] std::string last_words() const {
    std::array<char, 2000> text{};
    const auto size = ::lseek(log_.get(), 0, SEEK_END);
    const auto from =
        std::max<off_t>(0, size - static_cast<off_t>(text.size()));
    const auto count = ::pread(log_.get(), text.data(), text.size(), from);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }

  descriptor log_;
  descriptor results_;
  pid_t pid_ = -1;
  std::string rest_;

public:
  /// The schedule that it is at.
  std::optional<schedule_result> at;
};

class campaign {
public:
  campaign(const campaign_options& options,
           const std::function<void(const schedule_result&)>& tell)
      : options_{options}, tell_{tell} {}

  tl::expected<campaign_result, std::string> run() {
    for (unsigned i = 0; i < options_.workers; ++i) {
      workers_.push_back(std::make_unique<worker>(options_, i));
      if (!workers_.back()->has_started())
        return tl::unexpected{
            std::string{"a worker process cannot be started: "}
            + std::generic_category().message(errno)};
    }
    while (!workers_.empty() && !is_enough())
      wait();
    return result_;
  }

private:
  [[nodiscard]] bool is_enough() const {
    return options_.violations_max > 0
           && result_.violated >= options_.violations_max;
  }

  void wait() {
    std::vector<pollfd> ends;
    for (const auto& each : workers_)
      ends.push_back({each->results(), POLLIN, 0});
    if (::poll(ends.data(), ends.size(), -1) <= 0)
      return;
    for (std::size_t i = ends.size(); i-- > 0;)
      if (ends[i].revents != 0 && !read(*workers_[i]))
        workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  bool read(worker& from) {
    if (from.read([&](const std::string& kind, const std::string& text) {
          handle(from, kind, text);
        }))
      return true;
    if (auto failed = from.failure()) {
      if (!from.at)
        from.at.emplace();
      from.at->violations.push_back(std::move(*failed));
      finish(from);
    }
    return false;
  }

  void handle(worker& from, const std::string& kind, const std::string& text) {
    if (kind == "begin") {
      from.at.emplace();
      from.at->seed = std::stoull(text);
    } else if (kind == "violation") {
      from.at->violations.push_back(text);
    } else if (kind == "count") {
      const auto tab = text.find('\t');
      from.at->counts[text.substr(0, tab)] = std::stoull(text.substr(tab + 1));
    } else {
      finish(from);
    }
  }

  void finish(worker& from) {
    const auto done = *std::exchange(from.at, std::nullopt);
    ++result_.schedules;
    for (const auto& [name, count] : done.counts)
      result_.counts[name] += count;
    if (done.violations.empty())
      return;
    ++result_.violated;
    tell_(done);
  }

  const campaign_options& options_;
  const std::function<void(const schedule_result&)>& tell_;
  std::vector<std::unique_ptr<worker>> workers_;
  campaign_result result_;
};

} // namespace

tl::expected<campaign_result, std::string>
run_campaign(const campaign_options& options,
             const std::function<void(const schedule_result&)>& tell) {
  return campaign{options, tell}.run();
}

} // namespace sluice::simulation
