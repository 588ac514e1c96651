#include "clickhouse/http_reply.hpp"

#include <cctype>

namespace sluice::clickhouse {

namespace {

constexpr std::size_t message_size_max = 1000;

bool is_wrong_login(int code) {
  constexpr int unknown_user = 192;
  constexpr int wrong_password = 193;
  constexpr int required_password = 194;
  constexpr int authentication_failed = 516;
  return code == unknown_user || code == wrong_password
         || code == required_password || code == authentication_failed;
}

error wrong_login(const http_reply& reply, int code,
                  const http_origin& origin) {
  return {.what = remedy::stop,
          .code = code,
          .outcome_unknown = false,
          .message = "wrong user or password for user '" + origin.user + "' at "
                     + origin.url + " (clickhouse.user, clickhouse.password): "
                     + one_line(reply.body)};
}

std::string trust_message(const http_reply& reply, const http_origin& origin) {
  const auto advice =
      origin.ca_file.empty()
          ? std::string{"if it has an authority of its own, set "
                        "clickhouse.ca_file to that authority's PEM file"}
          : "check clickhouse.ca_file '" + origin.ca_file + "'";
  return "the certificate of " + origin.url + " is not trusted ("
         + one_line(reply.problem_text) + "): " + advice;
}

std::string seconds_text(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s"
                           : std::to_string(count) + " ms";
}

error transport_error(const http_reply& reply, const http_origin& origin) {
  const auto words = " (" + one_line(reply.problem_text) + ")";
  error result;
  result.outcome_unknown = reply.body_sent;
  switch (reply.problem) {
  case transport_problem::unreachable:
    result.outcome_unknown = false;
    result.message = "ClickHouse cannot be reached at " + origin.url + words
                     + ": is it running, and is clickhouse.url right?";
    break;
  case transport_problem::timeout:
    result.message = "ClickHouse at " + origin.url
                     + " has not finished the request within "
                     + seconds_text(origin.timeout) + words;
    break;
  case transport_problem::not_trusted:
    result.what = remedy::stop;
    result.outcome_unknown = false;
    result.message = trust_message(reply, origin);
    break;
  case transport_problem::tls_handshake:
    result.outcome_unknown = false;
    result.message = "no TLS connection to " + origin.url + words
                     + ": does that port speak https?";
    break;
  case transport_problem::unusable:
    result.what = remedy::stop;
    result.outcome_unknown = false;
    result.message = "cannot use " + origin.url + words
                     + ": check clickhouse.url and clickhouse.ca_file";
    break;
  case transport_problem::connection_lost:
  case transport_problem::none:
    result.message =
        "connection to ClickHouse at " + origin.url + " was cut" + words;
    break;
  }
  return result;
}

/// An answer that is no success and carries no exception: not ClickHouse's
/// own, but of something between (a proxy, a load balancer), or no ClickHouse.
error status_error(const http_reply& reply, const http_origin& origin) {
  constexpr long request_timeout = 408;
  constexpr long payload_too_large = 413;
  constexpr long too_many_requests = 429;
  constexpr long first_server_error = 500;
  error result;
  result.message = "no ClickHouse answer from " + origin.url + ", but HTTP "
                   + std::to_string(reply.status)
                   + (reply.body.empty() ? "" : ": ") + one_line(reply.body);
  if (reply.status >= first_server_error)
    result.outcome_unknown = reply.body_sent;
  else if (reply.status == payload_too_large)
    result.what = remedy::split;
  else if (reply.status != request_timeout && reply.status != too_many_requests)
    result.what = remedy::stop;
  return result;
}

error exception_error(int code, std::string_view text,
                      const http_origin& origin) {
  auto message = one_line(text);
  if (message.empty())
    message = "ClickHouse at " + origin.url + " answered exception "
              + std::to_string(code) + " without a text";
  error result;
  result.what = classify(code, message);
  result.code = code;
  result.outcome_unknown = code == 0 || is_outcome_uncertain(code);
  result.message = std::move(message);
  return result;
}

/// The exception that ClickHouse appended to a result under way:
///   __exception__ CRLF tag CRLF message LF length blank tag CRLF __exception__
std::string_view appended_exception(const http_reply& reply) {
  if (reply.exception_tag.empty())
    return {};
  const auto mark = "__exception__\r\n" + reply.exception_tag + "\r\n";
  const auto begin = reply.body.rfind(mark);
  if (begin == std::string::npos)
    return {};
  const auto text = std::string_view{reply.body}.substr(begin + mark.size());
  return text.substr(0, text.rfind('\n', text.rfind(reply.exception_tag)));
}

/// What the answer says by itself.
tl::expected<std::string, error> read_answer(http_reply reply,
                                             const http_origin& origin) {
  constexpr long unauthorized = 401;
  constexpr long forbidden = 403;
  const auto success = reply.status >= 200 && reply.status < 300;
  // A whole answer with an exception counts, whatever became of the connection
  // after it (a server that refuses a body closes while it is still sent).
  auto code = reply.exception_code;
  if (code == 0 && reply.status != 0 && !success)
    code = exception_code(reply.body);
  const auto denied = reply.status == unauthorized || reply.status == forbidden;
  if (is_wrong_login(code) || (code == 0 && denied))
    return tl::unexpected(wrong_login(reply, code, origin));
  if (code != 0) {
    const auto begin = success ? reply.body.rfind("Code: ") : 0;
    return tl::unexpected(exception_error(
        code,
        begin == std::string::npos ? std::string_view{}
                                   : std::string_view{reply.body}.substr(begin),
        origin));
  }
  if (const auto text = appended_exception(reply); !text.empty())
    return tl::unexpected(
        exception_error(exception_code(std::string{text}), text, origin));
  if (reply.problem != transport_problem::none)
    return tl::unexpected(transport_error(reply, origin));
  if (!success)
    return tl::unexpected(status_error(reply, origin));
  return std::move(reply.body);
}

} // namespace

std::string one_line(std::string_view text) {
  std::string result;
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isspace(byte) == 0 && std::iscntrl(byte) == 0)
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
    if (result.size() == message_size_max)
      return result + "...";
  }
  while (!result.empty() && result.back() == ' ')
    result.pop_back();
  return result;
}

tl::expected<std::string, error> read_reply(http_reply reply,
                                            const http_origin& origin) {
  const auto sent_twice = reply.sent_twice;
  auto result = read_answer(std::move(reply), origin);
  if (!result && sent_twice)
    result.error().outcome_unknown = true;
  return result;
}

} // namespace sluice::clickhouse
