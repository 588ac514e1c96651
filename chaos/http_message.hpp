// As much of HTTP/1.1 as a proxy needs to know where a message ends. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::chaos {

struct message_head {
  /// "POST /?query=... HTTP/1.1", "HTTP/1.1 200 OK".
  std::string start_line;
  /// Bytes up to and with the blank line.
  std::size_t bytes = 0;
  std::optional<std::size_t> content_length;
  bool chunked = false;
  bool expects_continue = false;
};

/// The head at the front of `bytes`; std::nullopt while it is not complete.
[[nodiscard]] std::optional<message_head> parse_head(std::string_view bytes);

/// Finds the end of a message's body while it arrives.
class body_scanner {
public:
  explicit body_scanner(const message_head& head);

  /// `bytes` is the message from its first byte on, longer with each call.
  /// True once its end is among them; end() says where.
  [[nodiscard]] bool is_complete(std::string_view bytes);
  [[nodiscard]] std::size_t end() const { return at_; }
  /// A size that is no number was seen: the message has no end.
  [[nodiscard]] bool is_broken() const { return broken_; }

private:
  bool chunks_complete(std::string_view bytes);

  bool chunked_;
  bool broken_ = false;
  bool in_trailer_ = false;
  /// Content-Length: the end; chunked: where the next size line begins.
  std::size_t at_;
};

/// The value of a URL's parameter, decoded; std::nullopt when it has none of
/// that name. `start_line` is that of a request.
[[nodiscard]] std::optional<std::string>
url_parameter(std::string_view start_line, std::string_view name);

} // namespace sluice::chaos
