// Answers requests of ClickHouse's HTTP interface with the embedded engine.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "clickhouse/embedded_client.hpp"
#include "clickhouse/server/http_exchange.hpp"
#include "clickhouse/server/query_options.hpp"
#include "clickhouse/server/query_reply.hpp"
#include "clickhouse/server/session_store.hpp"
#include "clickhouse/server/statement_input.hpp"

namespace sluice::clickhouse::server {

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
  class running_query;

  void handle_query(const http_request& request, http_body& body,
                    http_reply& reply);
  [[nodiscard]] tl::expected<query_options, std::string>
  options_of(const http_request& request, http_body& body);
  [[nodiscard]] tl::expected<lease, std::string>
  connect(const query_options& options);
  [[nodiscard]] std::string prepare(const query_options& options,
                                    const statement_input& input,
                                    lease& leased);
  void restore(const query_options& options, const statement_input& input,
               bool succeeded, lease& leased);

  std::shared_ptr<embedded_home> home_;
  server_identity identity_;
  session_store sessions_;
  std::mutex mutex_;
  /// Ids of the queries that run.
  std::multiset<std::string> running_;
};

} // namespace sluice::clickhouse::server
