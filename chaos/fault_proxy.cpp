#include "chaos/fault_proxy.hpp"

#include <atomic>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "chaos/proxy_connection.hpp"
#include "chaos/socket.hpp"

namespace sluice::chaos {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds accept_interval{50};

class listening_proxy final : public fault_proxy {
public:
  listening_proxy(proxy_options options, socket_handle listener)
      : listener_{std::move(listener)}, gate_{std::move(options)},
        acceptor_{[this] { accept_all(); }} {}

  ~listening_proxy() override {
    gate_.stop();
    acceptor_.join();
    for (auto& one : connections_)
      one.thread.join();
  }
  listening_proxy(const listening_proxy&) = delete;
  listening_proxy& operator=(const listening_proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const override {
    return port_of(listener_);
  }
  void set_rate(int percent) override { gate_.set_rate(percent); }
  void stall(bool on) override { gate_.stall(on); }
  [[nodiscard]] std::array<std::uint64_t, fault_kinds> played() const override {
    return gate_.played();
  }
  void wait_for_late() override {
    while (gate_.late_statements() > 0)
      std::this_thread::sleep_for(accept_interval);
  }

private:
  struct connection {
    std::shared_ptr<std::atomic<bool>> ended;
    std::thread thread;
  };

  void accept_all() {
    while (!gate_.is_stopped()) {
      forget_ended();
      if (wait_readable(listener_, accept_interval) != wait_result::ready)
        continue;
      auto from = accept_connection(listener_);
      if (!from.is_open())
        continue;
      auto ended = std::make_shared<std::atomic<bool>>(false);
      std::thread thread{[this, ended, held = std::move(from)]() mutable {
        serve_connection(std::move(held), gate_);
        *ended = true;
      }};
      connections_.push_back({std::move(ended), std::move(thread)});
    }
  }

  void forget_ended() {
    connections_.remove_if([](connection& one) {
      if (!*one.ended)
        return false;
      one.thread.join();
      return true;
    });
  }

  socket_handle listener_;
  proxy_gate gate_;
  std::list<connection> connections_; // the acceptor's until it has ended
  std::thread acceptor_;
};

} // namespace

tl::expected<std::unique_ptr<fault_proxy>, std::string>
fault_proxy::start(proxy_options options) {
  auto listener = listen_on_loopback();
  if (!listener)
    return tl::unexpected("the fault proxy: " + listener.error());
  return std::make_unique<listening_proxy>(std::move(options),
                                           std::move(*listener));
}

} // namespace sluice::chaos
