// The sessions of the HTTP interface (session_id): each is a connection of its
// own, with its settings, current database and temporary tables.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "clickhouse/embedded_engine.hpp"

namespace sluice::clickhouse::server {

struct session {
  std::unique_ptr<engine_connection> connection;
  /// What unqualified names mean between its requests.
  std::string database;
  /// The SET statements of the session so far, to restore what the URL
  /// parameters of one request changed.
  std::vector<std::string> set_statements;
  std::chrono::seconds timeout{60};
  std::chrono::steady_clock::time_point last_use;
  bool is_busy = false;
};

/// Thread-safe. A session serves one request at a time and is forgotten when
/// it was idle for its timeout.
class session_store {
public:
  /// At most this many at a time.
  static constexpr std::size_t sessions_max = 1000;

  /// The session `id`, marked busy; a new one when there is none and
  /// `must_exist` is false. The error is an exception's text.
  [[nodiscard]] tl::expected<std::shared_ptr<session>, std::string>
  acquire(const std::string& id, bool must_exist);
  /// Gives it back; `forget` ends it.
  void release(const std::string& id, bool forget);

private:
  void drop_expired();

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<session>> sessions_;
};

} // namespace sluice::clickhouse::server
