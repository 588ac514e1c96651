// A node's process as the world around it sees it: it may stand still, and it
// may be gone.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::simulation {

class process {
public:
  explicit process(int number) : number_{number} {}

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] std::string name() const {
    return "node" + std::to_string(number_);
  }
  [[nodiscard]] bool is_alive() const { return alive_; }
  [[nodiscard]] bool is_paused() const { return paused_; }

  /// Something from outside reaches the process: now, when it goes on, or
  /// never.
  void reach(std::function<void()> what) {
    if (!alive_)
      return;
    if (paused_)
      waiting_.push_back(std::move(what));
    else
      what();
  }
  void pause() { paused_ = true; }
  void resume() {
    paused_ = false;
    for (const auto& each : std::exchange(waiting_, {}))
      each();
  }
  void kill() {
    alive_ = false;
    paused_ = false;
    waiting_.clear();
  }

private:
  int number_;
  bool alive_ = true;
  bool paused_ = false;
  std::vector<std::function<void()>> waiting_;
};

} // namespace sluice::simulation
