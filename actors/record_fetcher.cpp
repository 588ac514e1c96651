#include "actors/record_fetcher.hpp"

#include <array>
#include <thread>
#include <utility>

#include "actors/backoff.hpp"
#include "actors/failure.hpp"
#include "actors/log.hpp"
#include "actors/wall_clock.hpp"

namespace sluice::actors {

namespace {

using connect_function = std::function<
    tl::expected<std::unique_ptr<kafka::record_fetcher>, std::string>()>;

constexpr std::chrono::seconds fetch_timeout{30};
constexpr std::chrono::seconds ask_timeout{3};

/// The connection, and the patience.
class patient_fetcher {
public:
  explicit patient_fetcher(connect_function connect)
      : connect_{std::move(connect)} {}

  /// Does `what` until it succeeds.
  template <class Function>
  auto until_done(Function what) {
    backoff wait{std::chrono::seconds{1}, std::chrono::seconds{30}};
    while (true) {
      if (auto ready = connected(); !ready) {
        log_line("kafka", ready.error());
      } else {
        auto result = what(*fetcher_);
        if (result)
          return std::move(*result);
        log_line("kafka", result.error());
        fetcher_.reset();
      }
      std::this_thread::sleep_for(wait.next());
    }
  }

  /// std::nullopt also when it cannot be asked now.
  std::optional<std::chrono::milliseconds>
  left_of(const kafka::topic_partition& where, std::int64_t offset) {
    if (!connected())
      return std::nullopt;
    const auto expiry = fetcher_->expiry_of(where, offset, ask_timeout);
    if (!expiry || !*expiry)
      return std::nullopt;
    const std::chrono::milliseconds at{**expiry};
    return at
           - std::chrono::duration_cast<std::chrono::milliseconds>(
               system_wall_clock().time_since_epoch());
  }

private:
  tl::expected<void, std::string> connected() {
    if (fetcher_)
      return {};
    auto made = connect_();
    if (!made)
      return tl::make_unexpected(made.error());
    fetcher_ = std::move(*made);
    return {};
  }

  connect_function connect_;
  std::unique_ptr<kafka::record_fetcher> fetcher_;
};

} // namespace

record_fetcher_actor::behavior_type
record_fetcher(record_fetcher_actor::pointer self, connect_function connect) {
  keep_failure_text(self);
  auto own = std::make_shared<patient_fetcher>(std::move(connect));
  return {
      [own](const fetch_record& what) -> record_fetched {
        const std::array offsets{what.offset};
        auto records = own->until_done([&](kafka::record_fetcher& from) {
          return from.fetch(what.where, offsets, fetch_timeout);
        });
        return {std::move(records.front())};
      },
      [own](const find_offset& what) -> offset_found {
        return {own->until_done([&](kafka::record_fetcher& from) {
          return from.offset_at(what.where, what.not_before_ms, fetch_timeout);
        })};
      },
      [own](const find_retention& what) -> retention_told {
        return {own->left_of(what.where, what.offset)};
      },
  };
}

} // namespace sluice::actors
