// Runs one statement and writes its result, or its exception, as ClickHouse's
// HTTP interface does.
#pragma once

#include <string>

#include "clickhouse/embedded_engine.hpp"
#include "clickhouse/server/http_exchange.hpp"
#include "clickhouse/server/query_options.hpp"
#include "clickhouse/server/statement_input.hpp"

namespace sluice::clickhouse::server {

/// What the replies say about the server.
struct server_identity {
  std::string version;
  std::string timezone;
  std::string display_name;
};

/// The reply to one request. Keeps references to what it is made of.
class query_reply {
public:
  query_reply(const server_identity& identity, const query_options& options,
              http_reply& reply)
      : identity_(identity), options_(options), reply_(reply) {
    // nop
  }

  /// Runs the statement and sends what comes of it; whether it succeeded.
  /// Results in formats without header and footer are streamed, unless the
  /// request waits for their end; others are held once, as the engine made
  /// them.
  bool answer(const statement_input& input, engine_connection& connection);

  /// Sends an exception; false.
  bool refuse(std::string text);

private:
  /// False: nothing is sent, the statement cannot be streamed.
  [[nodiscard]] bool stream(const statement_input& input,
                            engine_connection& connection, bool& succeeded);
  /// The chunks that are left. False: the peer is gone, or an exception came,
  /// which the peer was told of.
  [[nodiscard]] bool stream_rest(engine_connection& connection,
                                 coding_stream& encoder,
                                 const byte_sink& sink) const;
  [[nodiscard]] http_headers common_headers() const;
  [[nodiscard]] http_headers headers_of(const statement_input& input) const;

  const server_identity& identity_;
  const query_options& options_;
  http_reply& reply_;
};

} // namespace sluice::clickhouse::server
