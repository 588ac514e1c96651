#include "chaos/proxy_connection.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "chaos/http_message.hpp"

namespace sluice::chaos {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr milliseconds look_interval = 50ms;
constexpr milliseconds slow_by = 700ms;
// Longer than any client under test waits.
constexpr milliseconds silence_max = 20s;

/// What gold runs send to change something (gold/statements.hpp).
constexpr std::array<std::string_view, 4> commands{"ALTER", "CREATE", "DROP",
                                                   "INSERT"};

struct message {
  std::string bytes;
  message_head head;
};

/// Reads one message. `until_close`: a body without a length ends with the
/// connection. `on_head` is called once.
template <class OnHead>
std::optional<message> read_message(const socket_handle& from,
                                    std::string& buffer, proxy_gate& gate,
                                    bool until_close, OnHead on_head) {
  std::optional<message_head> head;
  std::optional<body_scanner> body;
  while (!gate.is_stopped()) {
    if (!head) {
      head = parse_head(buffer);
      if (head) {
        body.emplace(*head);
        on_head(*head);
      }
    }
    const auto open_end =
        head && until_close && !head->chunked && !head->content_length;
    if (head && !open_end && body->is_complete(buffer)) {
      message result{buffer.substr(0, body->end()), std::move(*head)};
      buffer.erase(0, result.bytes.size());
      return result;
    }
    if (body && body->is_broken())
      return std::nullopt;
    const auto waited = wait_readable(from, look_interval);
    if (waited == wait_result::timed_out)
      continue;
    if (waited == wait_result::ready && read_some(from, buffer))
      continue;
    if (!open_end)
      return std::nullopt;
    return message{std::exchange(buffer, {}), std::move(*head)};
  }
  return std::nullopt;
}

/// Rows are inserted with the statement in the URL; other statements are the
/// body.
request_facts facts_of(const message& request) {
  constexpr std::string_view insert = "INSERT";
  request_facts result;
  const auto& line = request.head.start_line;
  const auto query = url_parameter(line, "query");
  result.is_insert = query && query->starts_with(insert);
  result.token =
      url_parameter(line, "insert_deduplication_token").value_or(std::string{});
  const auto body = std::string_view{request.bytes}.substr(request.head.bytes);
  result.is_command =
      !query && std::ranges::any_of(commands, [&](std::string_view word) {
        return body.starts_with(word);
      });
  return result;
}

std::string plain_reply(std::string_view status, std::string_view headers,
                        std::string_view body) {
  std::string result{"HTTP/1.1 "};
  result += status;
  result += "\r\nContent-Type: text/plain\r\n";
  result += headers;
  result += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  result += body;
  return result;
}

std::string exception_reply(int code, std::string_view name,
                            std::string_view text) {
  const auto number = std::to_string(code);
  return plain_reply("500 Internal Server Error",
                     "X-ClickHouse-Exception-Code: " + number + "\r\n",
                     "Code: " + number + ". DB::Exception: " + std::string{text}
                         + ". (" + std::string{name} + ")\n");
}

/// One request with its fault.
class exchange {
public:
  exchange(socket_handle& client, proxy_gate& gate, message request,
           request_facts facts)
      : client_{client}, gate_{gate}, request_{std::move(request)},
        facts_{std::move(facts)} {}

  /// Whether the client's connection goes on.
  bool play(fault what) {
    gate_.note(to_string(what), subject());
    switch (what) {
    case fault::none:
      return answer(ask());
    case fault::slow_reply: {
      const auto reply = ask();
      return gate_.pause(slow_by) && answer(reply);
    }
    case fault::refused:
      reset_connection(client_);
      return false;
    case fault::cut_request:
      send_half_upstream();
      reset_connection(client_);
      return false;
    case fault::cut_reply:
      return cut(ask());
    case fault::lost_reply:
      (void)ask();
      reset_connection(client_);
      return false;
    case fault::timeout_before:
      return wait_for_client_to_leave();
    case fault::timeout_after:
      (void)ask();
      return wait_for_client_to_leave();
    case fault::unavailable:
      return send_all(client_, plain_reply("503 Service Unavailable", "",
                                           "no server is available"));
    case fault::failed_after:
      (void)ask();
      return send_all(client_, plain_reply("500 Internal Server Error", "",
                                           "upstream error"));
    case fault::memory_limit:
      return send_all(client_,
                      exception_reply(241, "MEMORY_LIMIT_EXCEEDED",
                                      "Memory limit (total) exceeded: would "
                                      "use more than the chaos allows"));
    case fault::too_many_parts:
      return send_all(client_,
                      exception_reply(252, "TOO_MANY_PARTS",
                                      "Too many parts (300). Merges are "
                                      "processing significantly slower than "
                                      "inserts"));
    case fault::late:
      return arrive_late();
    }
    return false;
  }

private:
  /// What the request is about: a token, or the statement.
  [[nodiscard]] std::string_view subject() const {
    if (!facts_.token.empty())
      return facts_.token;
    return std::string_view{request_.bytes}.substr(request_.head.bytes);
  }

  /// ClickHouse's answer; std::nullopt when it gave none.
  std::optional<message> ask() {
    auto reply = forward();
    gate_.note(reply ? reply->head.start_line : "no answer", subject());
    return reply;
  }

  std::optional<message> forward() {
    const auto upstream = connect_to_loopback(gate_.options().upstream_port);
    if (!upstream.is_open() || !send_all(upstream, request_.bytes))
      return std::nullopt;
    std::string buffer;
    while (true) {
      auto reply = read_message(upstream, buffer, gate_, true,
                                [](const message_head&) {});
      if (!reply)
        return std::nullopt;
      // "100 Continue": the client had its own from the proxy.
      if (reply->head.start_line.find(" 100") != std::string::npos)
        continue;
      if (facts_.is_insert && !facts_.token.empty() && gate_.options().inserted
          && reply->head.start_line.find(" 200") != std::string::npos)
        gate_.options().inserted(facts_.token);
      return reply;
    }
  }

  bool answer(const std::optional<message>& reply) {
    if (reply)
      return send_all(client_, reply->bytes);
    reset_connection(client_);
    return false;
  }

  bool cut(const std::optional<message>& reply) {
    if (reply
        && send_all(client_, std::string_view{reply->bytes}.substr(
                                 0, reply->head.bytes / 2)))
      gate_.pause(look_interval); // or the reset would overtake the bytes
    reset_connection(client_);
    return false;
  }

  void send_half_upstream() {
    auto upstream = connect_to_loopback(gate_.options().upstream_port);
    const auto half =
        request_.head.bytes + (request_.bytes.size() - request_.head.bytes) / 2;
    if (upstream.is_open()
        && send_all(upstream, std::string_view{request_.bytes}.substr(0, half)))
      gate_.pause(look_interval);
    reset_connection(upstream);
  }

  bool wait_for_client_to_leave() {
    for (auto waited = 0ms; waited < silence_max && !gate_.is_stopped();
         waited += look_interval) {
      const auto seen = wait_readable(client_, look_interval);
      std::string ignored;
      if (seen == wait_result::closed
          || (seen == wait_result::ready && !read_some(client_, ignored)))
        break;
    }
    reset_connection(client_);
    return false;
  }

  /// On this thread: nothing else waits for it.
  bool arrive_late() {
    gate_.late_begins();
    reset_connection(client_);
    const auto shift = static_cast<std::int64_t>(request_.bytes.size());
    const auto by = gate_.options().late_by;
    if (gate_.pause(by / 4 + milliseconds{shift % (by.count() * 3 / 4 + 1)}))
      (void)ask();
    gate_.late_ends();
    return false;
  }

  socket_handle& client_;
  proxy_gate& gate_;
  message request_;
  request_facts facts_;
};

} // namespace

void proxy_gate::note(std::string_view done, std::string_view with) {
  constexpr std::size_t shown_max = 400;
  if (options_.log.empty())
    return;
  const auto now = std::chrono::time_point_cast<milliseconds>(
      std::chrono::system_clock::now());
  const std::lock_guard lock{mutex_};
  log_ << now.time_since_epoch().count() << ' ' << done << ": "
       << with.substr(0, shown_max) << '\n';
  log_.flush();
}

void proxy_gate::set_rate(int percent) {
  const std::lock_guard lock{mutex_};
  plan_.set_rate(percent);
}

void proxy_gate::stall(bool on) {
  {
    const std::lock_guard lock{mutex_};
    stalled_ = on;
  }
  changed_.notify_all();
}

void proxy_gate::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  changed_.notify_all();
}

fault proxy_gate::admit(const request_facts& request) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return !stalled_ || stopped_; });
  const auto result = plan_.next(request);
  ++played_[static_cast<std::size_t>(result)];
  return result;
}

bool proxy_gate::pause(milliseconds duration) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, duration, [this] { return stopped_.load(); });
}

std::array<std::uint64_t, fault_kinds> proxy_gate::played() const {
  const std::lock_guard lock{mutex_};
  return played_;
}

socket_handle accept_connection(const socket_handle& listening) {
  socket_handle result{
      accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  const int on = 1;
  if (result.is_open())
    setsockopt(result.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return result;
}

void serve_connection(socket_handle from, proxy_gate& gate) {
  std::string buffer;
  while (!gate.is_stopped()) {
    auto request = read_message(
        from, buffer, gate, false, [&from](const message_head& head) {
          if (head.expects_continue)
            (void)send_all(from, "HTTP/1.1 100 Continue\r\n\r\n");
        });
    if (!request)
      return;
    auto facts = facts_of(*request);
    const auto what = gate.admit(facts);
    if (gate.is_stopped())
      return;
    exchange one{from, gate, std::move(*request), std::move(facts)};
    if (!one.play(what))
      return;
  }
}

} // namespace sluice::chaos
