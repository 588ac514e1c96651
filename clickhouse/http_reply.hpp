// What came back from an HTTP request to ClickHouse, and what it means. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "clickhouse/error.hpp"

namespace sluice::clickhouse {

enum class transport_problem {
  none,
  /// Nothing was sent: no address, no connection.
  unreachable,
  /// The connection was there and no whole answer came in time.
  timeout,
  /// Cut while sending or receiving, or what came was no HTTP.
  connection_lost,
  /// The other side's certificate is not trusted, or ca_file cannot be read.
  not_trusted,
  /// The handshake failed for another reason.
  tls_handshake,
  /// The URL or the TLS settings cannot be used at all.
  unusable,
};

struct http_reply {
  transport_problem problem = transport_problem::none;
  /// The transport's words about the problem.
  std::string problem_text;
  /// Whether any byte of the request's body was handed to the network.
  bool body_sent = false;
  /// Whether the request went out twice, because its connection was closed
  /// without an answer. What the answer says is about the second time; the
  /// first may have succeeded all the same.
  bool sent_twice = false;
  /// 0: no answer came.
  long status = 0;
  /// X-ClickHouse-Exception-Code; 0: none.
  int exception_code = 0;
  /// X-ClickHouse-Exception-Tag: what frames an exception that ClickHouse has
  /// to append to a result already under way (25.11 and newer).
  std::string exception_tag;
  std::string body;
};

/// Where the request went, for messages.
struct http_origin {
  /// Without user and password.
  std::string url;
  std::string user;
  std::string ca_file;
  std::chrono::milliseconds timeout{0};
};

/// The result, or the error with its remedy. Errors found: the transport's, an
/// exception by header, by body or appended to a result, any status but 2xx.
/// (Results are asked for with wait_end_of_query=1, so that ClickHouse sends
/// nothing before it has all; text in a result that merely looks like an
/// exception is data, for instance of the gold ledger.)
[[nodiscard]] tl::expected<std::string, error>
read_reply(http_reply reply, const http_origin& origin);

/// `text` on one line: line breaks and runs of blanks become one blank, and
/// what is too long for a message is cut.
[[nodiscard]] std::string one_line(std::string_view text);

} // namespace sluice::clickhouse
