#include "chaos/gold_watch.hpp"

#include <chrono>
#include <utility>

namespace sluice::chaos {

namespace {

constexpr std::chrono::milliseconds patience{100};

gold::instant now() {
  return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
}

} // namespace

tl::expected<std::unique_ptr<gold_watch>, std::string>
gold_watch::open(const topology::topology& what, bool create) {
  auto golds = gold::dirty_windows::make(what.golds);
  if (!golds)
    return tl::unexpected(golds.error());
  auto log = kafka::open_control_log(
      {.at = {what.kafka.brokers, what.kafka.properties},
       .topic = kafka::control_topic(what.kafka.group),
       .create = create});
  if (!log)
    return tl::unexpected(log.error());
  std::vector<std::string> names;
  for (const auto& each : what.golds)
    names.push_back(each.name);
  return std::make_unique<gold_watch>(std::move(names), std::move(*golds),
                                      std::move(*log));
}

/// Whether there is more.
tl::expected<bool, std::string> gold_watch::read_batch() {
  const auto batch = log_->read(golds_.next(), patience);
  if (!batch)
    return tl::unexpected(batch.error());
  if (batch->start > golds_.next())
    return tl::unexpected(
        std::string{"records of the control log were gone before "
                    "they were read"});
  for (const auto& record : batch->records) {
    const auto message = gold::parse_control_message(record.bytes);
    if (message && *message)
      golds_.obey(record.offset, **message, now());
  }
  golds_.pass(batch->next);
  return !batch->at_end();
}

tl::expected<void, std::string> gold_watch::read_on() {
  const std::lock_guard lock{mutex_};
  while (true) {
    const auto more = read_batch();
    if (!more)
      return tl::unexpected(more.error());
    if (!*more)
      return {};
  }
}

std::size_t gold_watch::dirty() const {
  const std::lock_guard lock{mutex_};
  std::size_t result = 0;
  for (const auto& name : names_)
    result += golds_.of(name).size();
  return result;
}

} // namespace sluice::chaos
