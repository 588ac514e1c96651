#include "tests/engine/gold_coordinator.hpp"

#include <utility>

#include <gtest/gtest.h>

#include "gold/repair.hpp"

namespace sluice::clickhouse::testing {

tl::expected<void, error> interrupted_client::begin() {
  if (!dead_ && before_ && !before_())
    dead_ = true;
  if (dead_)
    return tl::unexpected(error{remedy::retry, 0, false, "the node is dead"});
  return {};
}

tl::expected<std::string, error>
interrupted_client::query(const query_request& what) {
  if (auto may = begin(); !may)
    return tl::unexpected(std::move(may.error()));
  return inner_.query(what);
}

tl::expected<void, error>
interrupted_client::insert(const insert_request& what) {
  if (auto may = begin(); !may)
    return may;
  return inner_.insert(what);
}

gold_coordinator::gold_coordinator(const coordinator_parts& parts)
    : parts_{parts} {
  take_over();
}

gold::instant gold_coordinator::tick() {
  return now_ += std::chrono::milliseconds{1};
}

void gold_coordinator::take_over() {
  log_ = gold::dirty_windows::make(parts_.golds).value();
  if (!snapshot_.empty()) {
    const auto restored = log_->restore(snapshot_, tick());
    ASSERT_TRUE(restored) << restored.error();
  }
  parts_.control.push_back(gold::encode(
      gold::term_begun{"node", "nonce-" + std::to_string(++terms_)}));
  read_on();
  term_ = log_->leader()->number;
  count_ = 0;
}

void gold_coordinator::save() { snapshot_ = log_->snapshot(); }

std::size_t gold_coordinator::read_on() {
  while (log_->next() < static_cast<std::int64_t>(parts_.control.size())) {
    const auto offset = log_->next();
    const auto message = gold::parse_control_message(
        parts_.control[static_cast<std::size_t>(offset)]);
    log_->obey(offset, **message, tick());
  }
  std::size_t dirty = 0;
  for (const auto& gold : parts_.golds)
    dirty += log_->of(gold.name).size();
  return dirty;
}

bool gold_coordinator::run_one(client& on,
                               const std::function<bool()>& before) {
  const auto dirty = read_on();
  if (dirty == 0)
    return false;
  auto chosen =
      std::uniform_int_distribution<std::size_t>{0, dirty - 1}(parts_.random);
  for (const auto& gold : parts_.golds)
    for (const auto& [what, why] : log_->of(gold.name))
      if (chosen-- == 0) {
        // Copied: the log changes while it runs.
        const auto window = what;
        run(gold, window, on, before);
        return true;
      }
  return true;
}

void gold_coordinator::run(const topology::gold& of, const gold::window& what,
                           client& on, const std::function<bool()>& before) {
  gold::run_request request;
  request.what = what;
  request.trigger = "change";
  request.run_id = gold::make_run_id(term_, ++count_);
  request.node = "node";
  const auto term = term_;
  const auto covers = log_->next();
  interrupted_client connection{on, before};
  const auto done = gold::run_window(connection, "main", of, request,
                                     [this] { return tick(); });
  ++runs_;
  if (connection.is_dead())
    return;
  ASSERT_TRUE(done) << done.error().message;
  parts_.control.push_back(gold::encode(
      gold::run_finished{of.name, what, request.run_id, term, covers}));
}

std::size_t gold_coordinator::repair(client& on) {
  std::size_t result = 0;
  for (const auto& gold : parts_.golds) {
    const auto unsound = gold::find_unsound_windows(on, "main", gold);
    if (!unsound) {
      ADD_FAILURE() << unsound.error().message;
      continue;
    }
    for (const auto& what : *unsound)
      run(gold, what, on, {});
    result += unsound->size();
  }
  return result;
}

} // namespace sluice::clickhouse::testing
