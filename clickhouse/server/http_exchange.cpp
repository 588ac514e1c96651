#include "clickhouse/server/http_exchange.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace sluice::clickhouse::server {

namespace {

constexpr std::size_t read_size = std::size_t{256} * 1024;
constexpr std::size_t chunk_line_limit = 4096;

std::string_view reason(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 408:
    return "Request Timeout";
  case 411:
    return "Length Required";
  case 413:
    return "Request Entity Too Large";
  case 414:
    return "Request-URI Too Long";
  case 415:
    return "Unsupported Media Type";
  case 501:
    return "Not Implemented";
  case 503:
    return "Service Unavailable";
  default:
    return "Internal Server Error";
  }
}

std::string hexadecimal(std::size_t value) {
  std::array<char, 17> text{};
  auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  return {text.data(), end};
}

} // namespace

http_socket::http_socket(int descriptor, int idle_seconds)
    : descriptor_(descriptor) {
  timeval wait{.tv_sec = idle_seconds, .tv_usec = 0};
  const int on = 1;
  // Best effort: a socket without them still works.
  (void)setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  (void)setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  (void)setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

http_socket::~http_socket() { close(descriptor_); }

bool http_socket::fill() {
  if (at_ > 0) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  const auto old = buffer_.size();
  buffer_.resize(old + read_size / 16);
  ssize_t n = 0;
  do {
    n = recv(descriptor_, buffer_.data() + old, buffer_.size() - old, 0);
  } while (n < 0 && errno == EINTR);
  buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  return n > 0;
}

std::optional<std::string> http_socket::read_head(std::size_t limit,
                                                  bool& too_long) {
  too_long = false;
  std::size_t searched = 0;
  for (;;) {
    const std::string_view seen = std::string_view{buffer_}.substr(at_);
    auto end = seen.find("\r\n\r\n", searched < 3 ? 0 : searched - 3);
    if (end != std::string_view::npos && end <= limit) {
      std::string head{seen.substr(0, end)};
      at_ += end + 4;
      return head;
    }
    if (seen.size() > limit) {
      too_long = true;
      return std::nullopt;
    }
    searched = seen.size();
    if (!fill())
      return std::nullopt;
  }
}

std::optional<std::string> http_socket::read_line(std::size_t limit) {
  for (;;) {
    const std::string_view seen = std::string_view{buffer_}.substr(at_);
    if (auto end = seen.find("\r\n"); end != std::string_view::npos) {
      std::string line{seen.substr(0, end)};
      at_ += end + 2;
      return line;
    }
    if (seen.size() > limit || !fill())
      return std::nullopt;
  }
}

std::size_t http_socket::read(std::span<char> into) {
  if (at_ < buffer_.size()) {
    const auto n = std::min(into.size(), buffer_.size() - at_);
    std::copy_n(buffer_.data() + at_, n, into.data());
    at_ += n;
    return n;
  }
  ssize_t n = 0;
  do {
    n = recv(descriptor_, into.data(), into.size(), 0);
  } while (n < 0 && errno == EINTR);
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

bool http_socket::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

http_body::http_body(http_socket& socket, const http_request& request)
    : socket_(socket), is_chunked_(request.is_chunked()),
      wants_continue_(request.header("expect") == "100-continue") {
  if (!is_chunked_)
    left_ = request.content_length().value_or(0);
}

std::string_view http_body::next() {
  if (is_broken_ || (left_ == 0 && (!is_chunked_ || !next_chunk())))
    return {};
  if (wants_continue_) {
    wants_continue_ = false;
    if (!socket_.write("HTTP/1.1 100 Continue\r\n\r\n"))
      is_broken_ = true;
  }
  if (buffer_.empty())
    buffer_.resize(read_size);
  const auto size =
      static_cast<std::size_t>(std::min<std::uint64_t>(left_, buffer_.size()));
  const auto n = socket_.read({buffer_.data(), size});
  if (n == 0)
    is_broken_ = true;
  left_ -= n;
  return {buffer_.data(), n};
}

bool http_body::next_chunk() {
  if (wants_continue_) {
    wants_continue_ = false;
    if (!socket_.write("HTTP/1.1 100 Continue\r\n\r\n"))
      is_broken_ = true;
  }
  // A chunk's data end with a line end of their own.
  if (!is_first_chunk_ && !socket_.read_line(0)) {
    is_broken_ = true;
    return false;
  }
  is_first_chunk_ = false;
  auto line = socket_.read_line(chunk_line_limit);
  std::uint64_t size = 0;
  const char* end = line ? line->data() + line->size() : nullptr;
  if (!line || std::from_chars(line->data(), end, size, 16).ec != std::errc{}) {
    is_broken_ = true;
    return false;
  }
  if (size != 0) {
    left_ = size;
    return true;
  }
  // Trailers, up to an empty line.
  do {
    line = socket_.read_line(chunk_line_limit);
  } while (line && !line->empty());
  is_broken_ = !line;
  is_chunked_ = false;
  return false;
}

bool http_body::drain(std::uint64_t limit) {
  // Who waits for our word before sending has sent nothing.
  if (wants_continue_)
    return left_ == 0 && !is_chunked_;
  std::uint64_t dropped = 0;
  for (auto bytes = next(); !bytes.empty(); bytes = next()) {
    dropped += bytes.size();
    if (dropped > limit)
      return false;
  }
  return !is_broken_;
}

http_reply::http_reply(http_socket& socket, const http_request& request)
    : socket_(socket), is_head_(request.method == "HEAD"),
      is_http_1_0_(request.is_http_1_0), keeps_(request.keeps_connection()) {
  // nop
}

bool http_reply::send_head(int status, const http_headers& headers,
                           const std::string& framing, std::string_view body) {
  is_begun_ = true;
  std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
  head += reason(status);
  head += "\r\n";
  for (const auto& [name, value] : headers) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  head += framing;
  head +=
      keeps_ ? "Connection: Keep-Alive\r\n\r\n" : "Connection: close\r\n\r\n";
  // One segment for a short answer: a reader that takes what first arrives
  // has all of it.
  const bool is_short = body.size() <= read_size / 16;
  if (is_short)
    head += body;
  is_whole_ = socket_.write(head) && (is_short || socket_.write(body));
  return is_whole_;
}

bool http_reply::send(int status, const http_headers& headers,
                      std::string_view body) {
  return send_head(status, headers,
                   "Content-Length: " + std::to_string(body.size()) + "\r\n",
                   is_head_ ? std::string_view{} : body);
}

bool http_reply::begin(int status, const http_headers& headers) {
  // HTTP/1.0 knows no chunks: there the end of the connection ends the body.
  if (is_http_1_0_)
    keeps_ = false;
  return send_head(status, headers,
                   is_http_1_0_ ? "" : "Transfer-Encoding: chunked\r\n", {});
}

bool http_reply::write(std::string_view bytes) {
  if (is_head_ || bytes.empty())
    return is_whole_;
  if (is_http_1_0_)
    is_whole_ = is_whole_ && socket_.write(bytes);
  else
    is_whole_ = is_whole_ && socket_.write(hexadecimal(bytes.size()) + "\r\n")
                && socket_.write(bytes) && socket_.write("\r\n");
  return is_whole_;
}

bool http_reply::end() {
  if (!is_head_ && !is_http_1_0_)
    is_whole_ = is_whole_ && socket_.write("0\r\n\r\n");
  return is_whole_;
}

} // namespace sluice::clickhouse::server
