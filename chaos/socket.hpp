// Owns a TCP socket of the loopback.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace sluice::chaos {

/// A file descriptor that is closed. Movable.
class socket_handle {
public:
  socket_handle() = default;
  explicit socket_handle(int fd) : fd_{fd} {}
  ~socket_handle();
  socket_handle(socket_handle&& other) noexcept
      : fd_{std::exchange(other.fd_, -1)} {}
  socket_handle& operator=(socket_handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  socket_handle(const socket_handle&) = delete;
  socket_handle& operator=(const socket_handle&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// Listens on a free port of 127.0.0.1. The error is one line.
[[nodiscard]] tl::expected<socket_handle, std::string> listen_on_loopback();

/// The port of a socket that listens.
[[nodiscard]] std::uint16_t port_of(const socket_handle& listening);

/// A port of 127.0.0.1 that nothing listens on at the moment.
[[nodiscard]] tl::expected<std::uint16_t, std::string> free_port();

/// Connects to 127.0.0.1:`port`; not open when nobody listens.
[[nodiscard]] socket_handle connect_to_loopback(std::uint16_t port);

enum class wait_result { ready, closed, timed_out };

/// Waits until there is something to read, or the other side has closed.
[[nodiscard]] wait_result wait_readable(const socket_handle& from,
                                        std::chrono::milliseconds longest);

/// Appends what has arrived to `into`, waiting for nothing; false at the end
/// of the connection.
[[nodiscard]] bool read_some(const socket_handle& from, std::string& into);

/// Sends all of `bytes`; false when the connection is gone.
[[nodiscard]] bool send_all(const socket_handle& to, std::string_view bytes);

/// Closes so that the other side sees a reset, not an end.
void reset_connection(socket_handle& which);

} // namespace sluice::chaos
