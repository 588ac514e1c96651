#include "clickhouse/server/session_store.hpp"

#include "clickhouse/server/query_options.hpp"

namespace sluice::clickhouse::server {

tl::expected<std::shared_ptr<session>, std::string>
session_store::acquire(const std::string& id, bool must_exist) {
  const std::lock_guard guard{mutex_};
  drop_expired();
  auto found = sessions_.find(id);
  if (found == sessions_.end()) {
    if (must_exist)
      return tl::unexpected(exception_text(372, "SESSION_NOT_FOUND",
                                           "Session '" + id + "' not found"));
    if (sessions_.size() >= sessions_max)
      return tl::unexpected(exception_text(202, "TOO_MANY_SIMULTANEOUS_QUERIES",
                                           "Too many sessions"));
    found = sessions_.emplace(id, std::make_shared<session>()).first;
  } else if (found->second->is_busy) {
    return tl::unexpected(exception_text(
        373, "SESSION_IS_LOCKED",
        "Session '" + id + "' is locked by a concurrent client"));
  }
  found->second->is_busy = true;
  return found->second;
}

void session_store::release(const std::string& id, bool forget) {
  const std::lock_guard guard{mutex_};
  auto found = sessions_.find(id);
  if (found == sessions_.end())
    return;
  found->second->is_busy = false;
  found->second->last_use = std::chrono::steady_clock::now();
  if (forget || found->second->connection == nullptr)
    sessions_.erase(found);
}

void session_store::drop_expired() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(sessions_, [&](const auto& entry) {
    const auto& one = *entry.second;
    return !one.is_busy && now - one.last_use > one.timeout;
  });
}

} // namespace sluice::clickhouse::server
