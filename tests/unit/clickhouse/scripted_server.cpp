#include "scripted_server.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sluice::clickhouse {

namespace {

/// Bytes as they come in on one connection.
class inbox {
public:
  explicit inbox(int socket) : socket_(socket) {}

  /// At least one more byte; false: the other side has closed.
  bool receive() {
    std::array<char, 65536> chunk{};
    const auto count = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (count <= 0)
      return false;
    bytes_.append(chunk.data(), static_cast<std::size_t>(count));
    return true;
  }
  /// Everything up to and with `end`.
  std::optional<std::string> until(const std::string& end) {
    std::size_t from = 0;
    for (;;) {
      const auto found = bytes_.find(end, from);
      if (found != std::string::npos)
        return take(found + end.size());
      from = bytes_.size() < end.size() ? 0 : bytes_.size() - end.size();
      if (!receive())
        return std::nullopt;
    }
  }
  std::optional<std::string> exactly(std::size_t count) {
    while (bytes_.size() < count)
      if (!receive())
        return std::nullopt;
    return take(count);
  }

private:
  std::string take(std::size_t count) {
    auto result = bytes_.substr(0, count);
    bytes_.erase(0, count);
    return result;
  }

  int socket_;
  std::string bytes_;
};

bool send_all(int socket, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto count =
        ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0)
      return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<heard_request> read_head(inbox& in) {
  auto head = in.until("\r\n\r\n");
  if (!head)
    return std::nullopt;
  heard_request result;
  const auto begin = head->find(' ') + 1;
  result.target = head->substr(begin, head->find(' ', begin) - begin);
  for (auto at = head->find("\r\n") + 2; at < head->size() - 2;) {
    const auto end = head->find("\r\n", at);
    const auto line = head->substr(at, end - at);
    auto name = line.substr(0, line.find(": "));
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    result.headers[name] = line.substr(line.find(": ") + 2);
    at = end + 2;
  }
  return result;
}

/// False: cut, by the other side or on purpose.
bool read_body(inbox& in, heard_request& request,
               std::optional<std::size_t> cut_at) {
  const auto enough = [&] { return cut_at && request.body.size() >= *cut_at; };
  if (const auto length = request.headers.find("content-length");
      length != request.headers.end()) {
    const auto size = std::stoull(length->second);
    auto body =
        in.exactly(cut_at ? std::min<std::size_t>(size, *cut_at) : size);
    request.body = body.value_or("");
    return body.has_value() && !enough();
  }
  while (!enough()) {
    const auto size_line = in.until("\r\n");
    if (!size_line)
      return false;
    const auto size = std::stoull(*size_line, nullptr, 16);
    const auto chunk = in.exactly(size + 2);
    if (!chunk)
      return false;
    if (size == 0)
      return true;
    request.body.append(*chunk, 0, size);
  }
  return false;
}

std::string decode(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      result +=
          static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

} // namespace

std::optional<std::string>
heard_request::parameter(const std::string& name) const {
  auto query = target.find('?');
  while (query != std::string::npos) {
    const auto end = target.find('&', query + 1);
    const auto pair = target.substr(
        query + 1, end == std::string::npos ? end : end - query - 1);
    const auto equals = pair.find('=');
    if (decode(pair.substr(0, equals)) == name)
      return decode(pair.substr(equals + 1));
    query = end;
  }
  return std::nullopt;
}

planned_reply reply(int status, const std::string& body,
                    const std::vector<std::string>& headers) {
  planned_reply result;
  result.bytes = "HTTP/1.1 " + std::to_string(status) + " Words\r\n"
                 + "Content-Length: " + std::to_string(body.size()) + "\r\n";
  for (const auto& line : headers)
    result.bytes += line + "\r\n";
  result.bytes += "\r\n" + body;
  return result;
}

scripted_server::scripted_server(script answer) : answer_(std::move(answer)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0
      || ::getsockname(listener_, generic, &size) != 0)
    throw std::runtime_error("no port on the loopback");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept_connections(); }};
}

scripted_server::~scripted_server() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  // Nothing is accepted any more, so the lists keep their sizes.
  {
    const std::lock_guard lock{mutex_};
    for (const auto socket : sockets_)
      if (socket >= 0)
        ::shutdown(socket, SHUT_RDWR);
  }
  for (auto& thread : threads_)
    thread.join();
}

std::string scripted_server::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<heard_request> scripted_server::heard() const {
  const std::lock_guard lock{mutex_};
  return heard_;
}

int scripted_server::connections() const {
  const std::lock_guard lock{mutex_};
  return static_cast<int>(sockets_.size());
}

void scripted_server::accept_connections() {
  for (;;) {
    const auto socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0)
      return;
    const std::lock_guard lock{mutex_};
    const auto connection = static_cast<int>(sockets_.size());
    sockets_.push_back(socket);
    threads_.emplace_back(
        [this, socket, connection] { serve(socket, connection); });
  }
}

void scripted_server::serve(int socket, int connection) {
  inbox in{socket};
  for (int index = 0;; ++index) {
    auto request = read_head(in);
    if (!request)
      break;
    request->connection = connection;
    request->index = index;
    if (request->headers.contains("expect")
        && !send_all(socket, "HTTP/1.1 100 Continue\r\n\r\n"))
      break;
    const auto whole = read_body(in, *request, cut_at_);
    {
      const std::lock_guard lock{mutex_};
      heard_.push_back(*request);
    }
    if (!whole)
      break;
    const auto planned = answer_(*request);
    std::this_thread::sleep_for(planned.delay);
    if (!send_all(socket, planned.bytes) || planned.close)
      break;
  }
  // Closed with unread bytes, the connection is reset, as by a crash.
  const std::lock_guard lock{mutex_};
  ::close(socket);
  sockets_[static_cast<std::size_t>(connection)] = -1;
}

} // namespace sluice::clickhouse
