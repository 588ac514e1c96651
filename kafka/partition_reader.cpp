#include "kafka/partition_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kafka/message_batch.hpp"

namespace sluice::kafka {

namespace {

/// Messages taken out of librdkafka at once: enough to amortise the locks,
/// few enough to stay in the cache until they are decoded.
constexpr std::size_t gulp = 1000;

/// Errors that librdkafka goes on after, or retries for ever, without the
/// records concerned; every other one it mends by itself.
bool is_lasting(rd_kafka_resp_err_t error) {
  switch (error) {
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
  case RD_KAFKA_RESP_ERR__BAD_MSG:
  case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
  case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
  case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    return true;
  default:
    return false;
  }
}

/// What a refused position means for a log with these bounds.
source_failure verdict(std::int64_t position, log_bounds log) {
  using enum source_failure::kind;
  const auto at = "offset " + std::to_string(position);
  if (position < log.start)
    return {records_lost, log.start, log.end,
            at + " is no longer in the log, which begins at "
                + std::to_string(log.start) + ": "
                + std::to_string(log.start - position)
                + " records are lost to retention or were deleted"};
  if (position > log.end)
    return {beyond_end, log.start, log.end,
            at + " is beyond the end of the log, " + std::to_string(log.end)
                + ": the topic was created anew, or truncated"};
  return {beyond_end, log.start, log.end,
          at
              + " was beyond the end of the log, which has grown past it since,"
                " to "
              + std::to_string(log.end)
              + ": the topic was created anew, or truncated"};
}

} // namespace

partition_reader::partition_reader(std::shared_ptr<client> from,
                                   topic_partition where, fetch_limits limits,
                                   bool with_headers,
                                   std::shared_ptr<fetch_bell> bell)
    : from_{std::move(from)}, where_{std::move(where)}, limits_{limits},
      with_headers_{with_headers},
      queue_{rd_kafka_queue_get_partition(from_->get(), where_.topic.c_str(),
                                          where_.partition)},
      bell_{std::move(bell)} {
  // Set by the application, so a later assignment does not forward it again.
  rd_kafka_queue_forward(queue_.get(), nullptr);
  bell_->attach(*this,
                queue_ptr{rd_kafka_queue_get_partition(
                    from_->get(), where_.topic.c_str(), where_.partition)});
}

partition_reader::~partition_reader() { bell_->detach(*this); }

void partition_reader::notify() {
  if (!armed_.exchange(false))
    return;
  std::lock_guard lock{telling_};
  if (notify_)
    notify_();
}

void partition_reader::on_available(std::function<void()> notify) {
  std::lock_guard lock{telling_};
  notify_ = std::move(notify);
}

std::optional<source_failure> partition_reader::failure() const {
  std::lock_guard lock{telling_};
  return failure_;
}

record_batch_ptr partition_reader::take(std::size_t records_max,
                                        std::size_t bytes_max) {
  // Armed before looking: what arrives in between must not go unnoticed.
  armed_ = true;
  std::unique_lock lock{reading_, std::try_to_lock};
  if (!lock || !open_ || (failing_ && stash_.empty()))
    return nullptr;
  auto messages = gather(std::max<std::size_t>(records_max, 1), bytes_max);
  if (messages.empty()) {
    follow_gaps();
    return nullptr;
  }
  armed_ = false;
  position_ = messages.back()->offset + 1;
  auto batch = make_message_batch(from_, std::move(messages), with_headers_);
  bytes_since_nudge_ += batch->bytes();
  records_since_nudge_ += batch->records().size();
  return batch;
}

std::vector<message_ptr> partition_reader::gather(std::size_t records_max,
                                                  std::size_t bytes_max) {
  std::vector<message_ptr> result;
  std::size_t bytes = 0;
  while (result.size() < records_max) {
    if (stash_.empty() && !failing_)
      refill(std::min(gulp, records_max - result.size()),
             bytes_max - std::min(bytes, bytes_max));
    if (stash_.empty())
      break;
    auto size = payload_bytes(*stash_.front());
    if (!result.empty() && bytes + size > bytes_max)
      break;
    bytes += size;
    result.push_back(std::move(stash_.front()));
    stash_.pop_front();
  }
  return result;
}

void partition_reader::refill(std::size_t records_max, std::size_t bytes_max) {
  // What is taken out of the queue no longer counts for librdkafka, so no more
  // than is wanted: judged by the records before.
  const auto wanted =
      std::clamp<std::size_t>(bytes_max / record_bytes_, 1, records_max);
  std::array<rd_kafka_message_t*, gulp> raw{};
  auto count =
      rd_kafka_consume_batch_queue(queue_.get(), 0, raw.data(), wanted);
  std::size_t bytes = 0;
  for (ssize_t i = 0; i < count; ++i) {
    message_ptr message{raw[static_cast<std::size_t>(i)]};
    bytes += payload_bytes(*message);
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
      on_error(*message);
    // A pause may give the last record read once more.
    else if (!failing_ && message->offset >= position_)
      stash_.push_back(std::move(message));
  }
  if (count > 0)
    record_bytes_ =
        std::max<std::size_t>(bytes / static_cast<std::size_t>(count), 1);
}

void partition_reader::on_error(const rd_kafka_message_t& message) {
  if (failing_)
    return;
  const auto offset = message.offset >= 0 ? message.offset : position_.load();
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
    failing_ = true;
    std::lock_guard lock{telling_};
    refused_ = offset;
  } else if (is_lasting(message.err)) {
    failing_ = true;
    const auto log = bounds().value_or(log_bounds{-1, -1});
    fail({source_failure::kind::other, log.start, log.end,
          "cannot be read at offset " + std::to_string(offset) + ": "
              + rd_kafka_message_errstr(&message)});
  }
}

void partition_reader::fail(source_failure failure) {
  {
    std::lock_guard lock{telling_};
    refused_.reset();
    failure_ = std::move(failure);
  }
  armed_ = true;
  notify();
}

bool partition_reader::wants_verdict() const {
  if (!failing_)
    return false;
  std::lock_guard lock{telling_};
  return refused_.has_value();
}

void partition_reader::judge(std::optional<log_bounds> bounds) {
  std::optional<std::int64_t> position;
  {
    std::lock_guard lock{telling_};
    position = refused_;
  }
  if (!position)
    return;
  if (bounds) {
    set_bounds(*bounds);
    fail(verdict(*position, *bounds));
  } else {
    fail({source_failure::kind::topic_gone, -1, -1,
          "the topic no longer exists at the broker"});
  }
}

void partition_reader::follow_gaps() {
  // Transaction markers move the position without a record.
  auto list = list_of(where_);
  if (rd_kafka_position(from_->get(), list.get()) != 0)
    return;
  auto reached = list->elems[0].offset;
  if (reached > position_)
    position_ = reached;
}

void partition_reader::close() {
  std::lock_guard lock{reading_};
  open_ = false;
  stash_.clear();
}

void partition_reader::move_to(std::int64_t position) {
  position_ = position;
  std::lock_guard lock{telling_};
  failing_ = false;
  failure_.reset();
  refused_.reset();
}

void partition_reader::open() {
  {
    std::lock_guard lock{reading_};
    open_ = true;
  }
  // The queue may have been full when it was closed.
  ++records_since_nudge_;
  armed_ = true;
  notify();
}

std::optional<log_bounds> partition_reader::bounds() const {
  log_bounds known{log_start_, log_end_};
  std::int64_t low = -1;
  std::int64_t high = -1;
  // What a fetch has said since the last question is newer. Not the greater:
  // a topic that was created anew begins at 0 again.
  if (rd_kafka_get_watermark_offsets(from_->get(), where_.topic.c_str(),
                                     where_.partition, &low, &high)
      == 0) {
    if (low >= 0 && low != fetched_start_)
      known.start = low;
    if (high >= 0 && high != fetched_end_)
      known.end = high;
  }
  if (known.start < 0 || known.end < 0)
    return std::nullopt;
  return known;
}

void partition_reader::set_bounds(log_bounds bounds) {
  std::int64_t low = -1;
  std::int64_t high = -1;
  rd_kafka_get_watermark_offsets(from_->get(), where_.topic.c_str(),
                                 where_.partition, &low, &high);
  fetched_start_ = low;
  log_start_ = bounds.start;
  fetched_end_ = high;
  log_end_ = bounds.end;
}

void partition_reader::set_end(std::int64_t end) {
  if (auto known = bounds())
    set_bounds({known->start, end});
}

bool partition_reader::wants_nudge() const {
  // A queue from which nothing was taken has no room that it had not before.
  if (!open_ || records_since_nudge_ == 0)
    return false;
  auto known = bounds();
  auto queued = static_cast<std::int64_t>(rd_kafka_queue_length(queue_.get()));
  if (!known || known->end <= position_ + queued)
    return false;
  return queued == 0 || bytes_since_nudge_ >= limits_.bytes / 4
         || records_since_nudge_ >= limits_.messages / 4;
}

void partition_reader::nudged() {
  bytes_since_nudge_ = 0;
  records_since_nudge_ = 0;
}

void partition_reader::nudge_failed() {
  records_since_nudge_ += limits_.messages;
}

} // namespace sluice::kafka
