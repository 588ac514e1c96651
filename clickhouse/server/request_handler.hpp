// Answers requests of ClickHouse's HTTP interface with the embedded engine.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "clickhouse/embedded_client.hpp"
#include "clickhouse/server/http_exchange.hpp"
#include "clickhouse/server/query_options.hpp"
#include "clickhouse/server/session_store.hpp"
#include "clickhouse/server/statement_input.hpp"

namespace sluice::clickhouse::server {

/// What the replies say about the server.
struct server_identity {
  std::string version;
  std::string timezone;
  std::string display_name;
};

/// Thread-safe: each request runs on a connection of its own, or on its
/// session's.
class request_handler {
public:
  request_handler(std::shared_ptr<embedded_home> home,
                  server_identity identity);

  /// Answers one request; reads its body to the end if it can.
  void handle(const http_request& request, http_body& body, http_reply& reply);

  /// Kills the queries that run now.
  void cancel_all();

private:
  /// The connection of one request: its own, or its session's.
  struct lease;

  void handle_query(const http_request& request, http_body& body,
                    http_reply& reply);
  [[nodiscard]] tl::expected<query_options, std::string>
  options_of(const http_request& request, http_body& body);
  [[nodiscard]] tl::expected<lease, std::string>
  connect(const query_options& options);
  [[nodiscard]] std::string prepare(const query_options& options,
                                    lease& leased);
  void restore(const query_options& options, const statement_input& input,
               bool succeeded, lease& leased);

  void answer(const query_options& options, const statement_input& input,
              engine_connection& connection, http_reply& reply,
              bool& succeeded);
  /// Whether it was begun; if not, the reply has not been either.
  bool answer_by_stream(const query_options& options,
                        const statement_input& input,
                        engine_connection& connection, http_reply& reply,
                        bool& succeeded);
  /// The chunks that are left. False: the peer is gone, or an exception came,
  /// which the peer was told of.
  [[nodiscard]] bool stream_rest(engine_connection& connection,
                                 coding_stream& encoder,
                                 const byte_sink& sink) const;
  void answer_error(const std::string& query_id, std::string text,
                    http_reply& reply) const;

  [[nodiscard]] http_headers common_headers(const std::string& query_id) const;
  [[nodiscard]] http_headers result_headers(const query_options& options,
                                            const statement_input& input) const;

  std::shared_ptr<embedded_home> home_;
  server_identity identity_;
  session_store sessions_;
  std::mutex mutex_;
  /// Ids of the queries that run.
  std::multiset<std::string> running_;
};

} // namespace sluice::clickhouse::server
