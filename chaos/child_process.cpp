#include "chaos/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sluice::chaos {

namespace {

constexpr std::chrono::milliseconds look_interval{10};
constexpr int cannot_start = 127;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string>
whole_environment(const std::vector<std::string>& added) {
  auto result = added;
  for (auto** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const auto name = text.substr(0, text.find('=') + 1);
    auto replaced = false;
    for (const auto& one : added)
      replaced = replaced || one.starts_with(name);
    if (!replaced)
      result.push_back(text);
  }
  return result;
}

std::string system_words(const std::string& what) {
  return what + ": " + std::generic_category().message(errno);
}

/// Between fork and exec: only what is safe after a fork of a process with
/// threads.
[[noreturn]] void become(char* const* command, char* const* environment,
                         int log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(cannot_start);
  setsid();
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  const auto nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execve(command[0], command, environment);
  _exit(cannot_start);
}

} // namespace

tl::expected<child_process, std::string>
child_process::start(const child_options& options) {
  auto command = options.command;
  auto environment = whole_environment(options.environment);
  const auto command_pointers = pointers(command);
  const auto environment_pointers = pointers(environment);
  const auto log = open(options.log.c_str(),
                        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0)
    return tl::unexpected(system_words(options.log.string()));
  const auto parent = getpid();
  const auto pid = fork();
  if (pid == 0)
    become(command_pointers.data(), environment_pointers.data(), log, parent);
  close(log);
  if (pid < 0)
    return tl::unexpected(system_words("cannot start " + command.front()));
  return child_process{pid};
}

void child_process::reap(int status) {
  pid_ = -1;
  constexpr int signal_base = 128;
  exit_ =
      WIFEXITED(status) ? WEXITSTATUS(status) : signal_base + WTERMSIG(status);
}

bool child_process::is_running() {
  if (pid_ < 0)
    return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_)
    return true;
  reap(status);
  return false;
}

void child_process::signal(int number) {
  if (is_running())
    ::kill(pid_, number);
}

void child_process::kill() {
  if (!is_running())
    return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    // nop
  }
  reap(status);
}

bool child_process::terminate(std::chrono::milliseconds deadline) {
  // One that was stopped could not hear it.
  signal(SIGCONT);
  signal(SIGTERM);
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (is_running()) {
    if (std::chrono::steady_clock::now() > until) {
      kill();
      return false;
    }
    std::this_thread::sleep_for(look_interval);
  }
  return true;
}

} // namespace sluice::chaos
