#include "chaos/socket.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::chaos {

namespace {

constexpr int backlog = 128;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return result;
}

std::string system_words(const char* what) {
  return what + std::string{": "} + std::generic_category().message(errno);
}

} // namespace

socket_handle::~socket_handle() {
  if (fd_ >= 0)
    close(fd_);
}

tl::expected<socket_handle, std::string> listen_on_loopback() {
  socket_handle result{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!result.is_open())
    return tl::unexpected(system_words("no socket"));
  const auto where = loopback(0);
  if (bind(result.get(), reinterpret_cast<const sockaddr*>(&where),
           sizeof(where))
          != 0
      || listen(result.get(), backlog) != 0)
    return tl::unexpected(system_words("cannot listen on 127.0.0.1"));
  return result;
}

std::uint16_t port_of(const socket_handle& listening) {
  sockaddr_in where{};
  socklen_t size = sizeof(where);
  if (getsockname(listening.get(), reinterpret_cast<sockaddr*>(&where), &size)
      != 0)
    return 0;
  return ntohs(where.sin_port);
}

tl::expected<std::uint16_t, std::string> free_port() {
  const auto probe = listen_on_loopback();
  if (!probe)
    return tl::unexpected(probe.error());
  return port_of(*probe);
}

socket_handle connect_to_loopback(std::uint16_t port) {
  socket_handle result{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!result.is_open())
    return {};
  const auto where = loopback(port);
  if (connect(result.get(), reinterpret_cast<const sockaddr*>(&where),
              sizeof(where))
      != 0)
    return {};
  const int on = 1;
  setsockopt(result.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return result;
}

wait_result wait_readable(const socket_handle& from,
                          std::chrono::milliseconds longest) {
  pollfd what{};
  what.fd = from.get();
  what.events = POLLIN | POLLRDHUP;
  const auto ready = poll(&what, 1, static_cast<int>(longest.count()));
  if (ready == 0 || (ready < 0 && errno == EINTR))
    return wait_result::timed_out;
  if (ready < 0
      || (what.revents & (POLLERR | POLLHUP | POLLRDHUP | POLLNVAL)) != 0)
    return (what.revents & POLLIN) != 0 ? wait_result::ready
                                        : wait_result::closed;
  return wait_result::ready;
}

bool read_some(const socket_handle& from, std::string& into) {
  std::array<char, 65'536> buffer{};
  const auto count = recv(from.get(), buffer.data(), buffer.size(), 0);
  if (count <= 0)
    return count < 0 && errno == EINTR;
  into.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

bool send_all(const socket_handle& to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void reset_connection(socket_handle& which) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(which.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  which = socket_handle{};
}

} // namespace sluice::chaos
