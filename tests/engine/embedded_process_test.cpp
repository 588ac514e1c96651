// What only another process can show: the lock, and what survives kill -9.
#include <csignal>
#include <cstdio>
#include <span>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

namespace {

using ::testing::HasSubstr;

/// This program in one of its other modes, with its output to read.
class child {
public:
  explicit child(std::vector<std::string> arguments) {
    std::array<int, 2> out{};
    std::array<int, 2> in{};
    if (pipe(out.data()) != 0 || pipe(in.data()) != 0)
      throw std::runtime_error("pipe");
    // Built before the fork: nothing may be allocated behind it.
    const auto program = this_program().string();
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (auto& argument : arguments)
      argv.push_back(argument.data());
    argv.push_back(nullptr);
    id_ = fork();
    if (id_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      dup2(out[1], STDERR_FILENO);
      close(in[1]);
      close(out[0]);
      execv(program.c_str(), argv.data());
      _exit(127);
    }
    close(out[1]);
    close(in[0]);
    input_ = in[1];
    output_ = fdopen(out[0], "r");
  }
  ~child() {
    end(SIGKILL);
    (void)fclose(output_);
    close(input_);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  std::string line() {
    std::array<char, 4096> text{};
    if (std::fgets(text.data(), text.size(), output_) == nullptr)
      return {};
    return text.data();
  }
  /// Its exit status as waitpid reports it.
  int end(int signal) {
    if (id_ <= 0)
      return 0;
    if (signal != 0)
      kill(id_, signal);
    int status = 0;
    waitpid(id_, &status, 0);
    id_ = -1;
    return status;
  }
  void close_input() {
    close(input_);
    input_ = open("/dev/null", O_RDONLY | O_CLOEXEC);
  }

private:
  pid_t id_ = -1;
  int input_ = -1;
  FILE* output_ = nullptr;
};

} // namespace

TEST(EmbeddedProcess, KeepsEveryAcknowledgedRowThroughKill) {
  scratch_directory directory;
  const auto data = (directory.path() / "data").string();
  std::uint64_t acknowledged = 0;
  std::uint64_t rounds = 0;
  for (int round = 0; round < 2; ++round) {
    child writer{{"--write", data}};
    for (int i = 0; i < 60; ++i) {
      auto line = writer.line();
      ASSERT_FALSE(line.empty());
      // The second process repeats the tokens of the first.
      acknowledged = std::max<std::uint64_t>(acknowledged, std::stoull(line));
    }
    writer.end(SIGKILL);
    ++rounds;
  }
  ASSERT_EQ(rounds, 2U);
  close_shared_endpoint();
  {
    auto home = embedded_endpoint(data, "kept");
    ASSERT_TRUE(home) << home.error();
    auto reader = (*home)->connect();
    auto counts =
        run(*reader, "SELECT count() = uniqExact(n), countIf(n <= "
                         + std::to_string(acknowledged) + ") FROM kept.t");
    EXPECT_EQ(counts, "1\t" + std::to_string(acknowledged + 1) + "\n");
  }
}

TEST(EmbeddedProcess, RefusesADirectoryInUse) {
  scratch_directory directory;
  const auto data = (directory.path() / "data").string();
  child first{{"--serve", data, "0"}};
  ASSERT_FALSE(first.line().empty());
  child second{{"--serve", data, "0"}};
  const auto message = second.line();
  EXPECT_THAT(message, HasSubstr("is in use by process"));
  EXPECT_THAT(message, HasSubstr(data));
  EXPECT_EQ(WEXITSTATUS(second.end(0)), 1);
}

// libchdb 26.5 by itself hangs here (clickhouse/embedded_engine.cpp).
TEST(EmbeddedProcess, DropsATableAtOnceInANewDirectory) {
  scratch_directory directory;
  close_shared_endpoint();
  auto home = embedded_endpoint(directory.path() / "data", "fresh");
  ASSERT_TRUE(home) << home.error();
  auto connection = (*home)->connect();
  run(*connection, "CREATE TABLE t (n Int32) ENGINE = MergeTree ORDER BY n");
  run(*connection, "INSERT INTO t SELECT 1");
  auto request = request_of("DROP TABLE t SYNC");
  request.timeout = std::chrono::seconds{60};
  auto dropped = connection->query(request);
  EXPECT_TRUE(dropped) << dropped.error().message;
}

TEST(EmbeddedProcess, EndsCleanlyAndSilently) {
  scratch_directory directory;
  const auto data = (directory.path() / "data").string();
  child server{{"--serve", data, "0"}};
  ASSERT_FALSE(server.line().empty());
  server.close_input();
  EXPECT_EQ(server.line(), "") << "nothing but the port is written";
  EXPECT_EQ(server.end(0), 0);
}

TEST(EmbeddedProcess, RefusesADirectoryThatCannotBeMade) {
  child server{{"--serve", "/proc/nowhere", "0"}};
  const auto message = server.line();
  EXPECT_THAT(message, HasSubstr("cannot create the data directory"));
  EXPECT_EQ(WEXITSTATUS(server.end(0)), 1);
}

} // namespace sluice::clickhouse::testing
