#include "chaos/child_process.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

namespace sluice::chaos {
namespace {

using namespace std::chrono_literals;

class ChildProcess : public testing::Test {
protected:
  ChildProcess() {
    log_ = std::filesystem::path{testing::TempDir()}
           / ("chaos-child-" + std::to_string(getpid()));
  }
  ~ChildProcess() override { std::filesystem::remove(log_); }

  child_process shell(const std::string& script) {
    auto child = child_process::start({.command = {"/bin/sh", "-c", script},
                                       .environment = {"CHAOS_WORD=heard"},
                                       .log = log_});
    EXPECT_TRUE(child) << child.error();
    return std::move(*child);
  }

  static void wait_until_ended(child_process& child) {
    for (auto i = 0; i < 500 && child.is_running(); ++i)
      std::this_thread::sleep_for(10ms);
  }

  void wait_for_word(const std::string& word) {
    for (auto i = 0; i < 500 && output().find(word) == std::string::npos; ++i)
      std::this_thread::sleep_for(10ms);
  }

  std::string output() {
    std::ifstream in{log_};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  std::filesystem::path log_;
};

TEST_F(ChildProcess, RunsWithItsEnvironmentAndEndsWithItsCode) {
  auto child = shell("echo $CHAOS_WORD; echo more >&2; exit 7");
  wait_until_ended(child);
  EXPECT_EQ(child.exit_code(), 7);
  EXPECT_EQ(output(), "heard\nmore\n");
}

TEST_F(ChildProcess, IsGoneWhenItIsDestroyed) {
  pid_t pid = 0;
  {
    const auto child = shell("exec sleep 100");
    pid = child.pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST_F(ChildProcess, EndsInOrderEvenWhenItWasStopped) {
  auto child = shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; "
                     "done");
  wait_for_word("ready");
  child.signal(SIGSTOP);
  EXPECT_TRUE(child.terminate(5s));
  EXPECT_EQ(child.exit_code(), 3);
}

TEST_F(ChildProcess, IsKilledWhenItDoesNotEnd) {
  auto child = shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
  wait_for_word("ready");
  EXPECT_FALSE(child.terminate(200ms));
  EXPECT_EQ(child.exit_code(), 128 + SIGKILL);
  EXPECT_FALSE(child.is_running());
}

TEST_F(ChildProcess, SaysWhenItCannotBeStarted) {
  auto child = child_process::start(
      {.command = {"/nothing/here"}, .environment = {}, .log = log_});
  ASSERT_TRUE(child);
  wait_until_ended(*child);
  EXPECT_EQ(child->exit_code(), 127);
  const auto no_log = child_process::start(
      {.command = {"/bin/true"}, .environment = {}, .log = "/nothing/log"});
  ASSERT_FALSE(no_log);
  EXPECT_THAT(no_log.error(), testing::HasSubstr("/nothing/log"));
}

} // namespace
} // namespace sluice::chaos
