// A fixture that runs actors on CAF's deterministic scheduler: one thread,
// virtual time, every message in order.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

#include "actors/interfaces.hpp"

namespace sluice::actors {

/// To a fake: do this as the actor that you are. Promises may only be fulfilled
/// by the actor that made them.
struct act {
  std::function<void()> what;
};

} // namespace sluice::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sluice::actors::act)

namespace sluice::actors {

class actor_test : public ::testing::Test {
protected:
  actor_test()
      : scheduler_{dynamic_cast<caf::scheduler::test_coordinator&>(
          system_.scheduler())} {}

  /// Actors that are still alive (timers re-arm) would hang the system's
  /// destructor; and they use members of the fixture.
  void TearDown() override {
    for (const auto& end : ends_)
      end();
    settle();
  }

  /// Ends the actor with the test.
  template <class Handle>
  Handle own(Handle handle) {
    ends_.push_back([handle] {
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    });
    return handle;
  }

  /// Runs until no message is left; time stands still.
  void settle() { scheduler_.run(); }

  /// Lets `duration` pass in steps small enough for timers that re-arm.
  void pass(std::chrono::milliseconds duration) {
    constexpr std::chrono::milliseconds step{50};
    settle();
    for (; duration > std::chrono::milliseconds{0}; duration -= step) {
      scheduler_.advance_time(std::min(step, duration));
      settle();
    }
  }

  /// Lets the fake that made a promise fulfil it.
  template <class Promise, class Reply>
  void fulfil(const caf::actor& fake, Promise promise, Reply reply) {
    caf::anon_send(fake, act{[promise, reply]() mutable {
                     promise.deliver(std::move(reply));
                   }});
    settle();
  }

  /// An actor that takes every report and forgets it.
  metrics_actor no_reports() {
    return own(system_.spawn([]() -> metrics_actor::behavior_type {
      return {[](const partition_reported&) {}, [](const partition_gone&) {},
              [](const table_reported&) {},     [](const records_counted&) {},
              [](const golds_reported&) {},     [](const trouble_reported&) {},
              [](const actor_failed&) {},       [](const actor_recovered&) {},
              [](const phase_changed&) {}};
    }));
  }

  /// The reason with which `handle` ends; empty while it lives.
  template <class Handle>
  std::shared_ptr<std::optional<caf::error>> watch(const Handle& handle) {
    auto result = std::make_shared<std::optional<caf::error>>();
    handle->attach_functor(
        [result](const caf::error& reason) { *result = reason; });
    return result;
  }

private:
  struct test_config : caf::actor_system_config {
    test_config() { set("scheduler.policy", caf::atom("testing")); }
  };
  test_config config_;

protected:
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_;

private:
  std::vector<std::function<void()>> ends_;
};

} // namespace sluice::actors
