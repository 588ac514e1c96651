// The embedded ClickHouse's port: accepts connections on the loopback and gives
// each a thread.
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clickhouse/endpoints.hpp"
#include "clickhouse/server/request_handler.hpp"

namespace sluice::clickhouse {

namespace {

using namespace server; // NOLINT: this file is where the two meet

/// Connections beyond these wait to be accepted; idle ones leave by themselves.
constexpr std::size_t connections_max = 128;
constexpr int backlog = 128;
constexpr int idle_seconds = 30;
/// ClickHouse's http_max_uri_size is 1 MiB; the headers come on top.
constexpr std::size_t head_size_max = std::size_t{2} * 1024 * 1024;
/// How much of a refused body is read so that the client gets its answer.
constexpr std::uint64_t drained_max = 1ull << 30;

std::string words(int number) {
  return std::error_code{number, std::generic_category()}.message();
}

/// A descriptor that closes itself.
class owned_descriptor {
public:
  explicit owned_descriptor(int value) : value_(value) {
    // nop
  }
  ~owned_descriptor() {
    if (value_ >= 0)
      close(value_);
  }
  owned_descriptor(owned_descriptor&& other) noexcept
      : value_(std::exchange(other.value_, -1)) {
    // nop
  }
  owned_descriptor& operator=(owned_descriptor&&) = delete;
  [[nodiscard]] int get() const { return value_; }

private:
  int value_;
};

class embedded_server : public http_server {
public:
  embedded_server(std::shared_ptr<embedded_home> home, server_identity identity,
                  owned_descriptor listener, std::uint16_t port)
      : handler_(std::move(home), std::move(identity)),
        listener_(std::move(listener)), stop_(eventfd(0, EFD_CLOEXEC)),
        port_(port), acceptor_([this] { accept_all(); }) {
    // nop
  }

  ~embedded_server() override {
    stopping_ = true;
    const std::uint64_t one = 1;
    (void)!::write(stop_.get(), &one, sizeof one);
    room_.notify_all();
    acceptor_.join();
    handler_.cancel_all();
    {
      const std::lock_guard guard{mutex_};
      for (const int open : open_)
        shutdown(open, SHUT_RD);
    }
    for (auto& one_connection : connections_)
      one_connection.thread.join();
  }

  embedded_server(const embedded_server&) = delete;
  embedded_server& operator=(const embedded_server&) = delete;

  [[nodiscard]] std::uint16_t port() const override { return port_; }

private:
  struct connection {
    std::thread thread;
    std::atomic<bool> is_done = false;
  };

  void accept_all() {
    while (!stopping_) {
      std::array<pollfd, 2> watched{
          {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
      if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR)
        return;
      if (stopping_ || (watched[0].revents & POLLIN) == 0)
        continue;
      const int peer = accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) {
        // Out of descriptors, or a peer that left: neither may end the server
        // nor keep it busy.
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        continue;
      }
      start(peer);
    }
  }

  void start(int peer) {
    std::unique_lock guard{mutex_};
    room_.wait(guard,
               [this] { return stopping_ || open_.size() < connections_max; });
    for (auto i = connections_.begin(); i != connections_.end();) {
      if (i->is_done) {
        i->thread.join();
        i = connections_.erase(i);
      } else {
        ++i;
      }
    }
    if (stopping_) {
      close(peer);
      return;
    }
    open_.insert(peer);
    auto& added = connections_.emplace_back();
    added.thread = std::thread{[this, peer, &added] {
      serve(peer);
      added.is_done = true;
    }};
  }

  void serve(int peer) {
    {
      http_socket socket{peer, idle_seconds};
      while (!stopping_ && serve_one(socket)) {
        // nop
      }
      // Before the descriptor is closed and its number means something else.
      const std::lock_guard guard{mutex_};
      open_.erase(peer);
    }
    room_.notify_one();
  }

  /// One request; whether another may follow.
  bool serve_one(http_socket& socket) {
    bool too_long = false;
    auto head = socket.read_head(head_size_max, too_long);
    auto request = head ? parse_request(*head) : std::nullopt;
    if (!request) {
      if (head || too_long) {
        const http_request none;
        http_reply refusal{socket, none};
        refusal.close_after();
        refusal.send(too_long ? 414 : 400,
                     {{"Content-Type", "text/plain; charset=UTF-8"}},
                     too_long ? "The request's head is too long.\n"
                              : "This is not HTTP/1.1.\n");
      }
      return false;
    }
    http_body body{socket, *request};
    http_reply reply{socket, *request};
    try {
      handler_.handle(*request, body, reply);
    } catch (const std::exception&) {
      // Out of memory: this connection ends, the server goes on.
      return false;
    }
    // Closing with unread bytes would take the reply away from the client.
    const bool is_drained = body.drain(drained_max);
    return is_drained && reply.keeps_connection();
  }

  request_handler handler_;
  owned_descriptor listener_;
  owned_descriptor stop_;
  std::uint16_t port_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable room_;
  std::set<int> open_;
  std::list<connection> connections_;
  std::thread acceptor_;
};

tl::expected<owned_descriptor, std::string> listen_on(std::uint16_t& port) {
  const auto place = "port " + std::to_string(port) + " of 127.0.0.1";
  owned_descriptor listener{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (listener.get() < 0)
    return tl::unexpected("cannot listen on " + place + ": " + words(errno));
  const int on = 1;
  (void)setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener.get(), generic, sizeof address) != 0
      || listen(listener.get(), backlog) != 0) {
    const auto why = errno == EADDRINUSE ? "it is in use: choose another or 0"
                                         : words(errno);
    return tl::unexpected("cannot listen on " + place + ": " + why);
  }
  socklen_t size = sizeof address;
  if (getsockname(listener.get(), generic, &size) != 0)
    return tl::unexpected("cannot listen on " + place + ": " + words(errno));
  port = ntohs(address.sin_port);
  return listener;
}

tl::expected<server_identity, std::string> identify(embedded_home& home) {
  auto connection = home.engine()->connect();
  if (!connection)
    return tl::unexpected(connection.error());
  auto result = (*connection)
                    ->run({.sql = "SELECT version(), timezone(), hostName()",
                           .format = "TabSeparatedRaw"});
  if (!result.error().empty())
    return tl::unexpected(result.error());
  std::array<std::string, 3> words_of_row;
  auto rest = result.bytes();
  for (auto& word : words_of_row) {
    auto end = rest.find_first_of("\t\n");
    word = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return server_identity{.version = words_of_row[0],
                         .timezone = words_of_row[1],
                         .display_name = words_of_row[2]};
}

} // namespace

tl::expected<std::unique_ptr<http_server>, std::string>
serve_embedded(std::shared_ptr<endpoint> embedded, std::uint16_t port) {
  auto home = std::dynamic_pointer_cast<embedded_home>(std::move(embedded));
  if (home == nullptr)
    return tl::unexpected<std::string>(
        "only the embedded ClickHouse can be served");
  auto identity = identify(*home);
  if (!identity)
    return tl::unexpected(identity.error());
  auto listener = listen_on(port);
  if (!listener)
    return tl::unexpected(listener.error());
  return std::make_unique<embedded_server>(
      std::move(home), std::move(*identity), std::move(*listener), port);
}

} // namespace sluice::clickhouse
