#include "kafka/playback.hpp"

#include <algorithm>
#include <optional>

#include "kafka/produce_parts.hpp"
#include "kafka/rdkafka.hpp"

namespace sluice::kafka {

namespace {

/// Fed to one partition before the next one has its turn.
constexpr std::size_t turn_bytes = 1U << 20U;
constexpr int settle_timeout_ms = 30'000;
/// Batch and record overhead of message format 2, if it travels alone.
constexpr std::size_t record_overhead = 61 + 40;

} // namespace

struct playback::link {
  std::shared_ptr<client> to;
};

struct playback::feed {
  topic_partition where;
  frame_reader frames;
  bool guarded = false;
  std::int64_t end = 0;     // the journal's, when playback began
  std::int64_t next = 0;    // offset to be sent next
  std::int64_t arrived = 0; // offset that the next delivery must have
  std::deque<std::pair<std::int64_t, std::size_t>> unread = {};
  std::size_t unread_bytes = 0;
  std::string failure = {};
  bool reported = false; // as finished

  [[nodiscard]] bool finished() const { return next >= end; }

  void read_up_to(std::int64_t committed) {
    while (!unread.empty() && unread.front().first < committed) {
      unread_bytes -= unread.front().second;
      unread.pop_front();
    }
  }

  void on_delivered(const rd_kafka_message_t& message) {
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR)
      failure = std::string{"not taken by the embedded broker: "}
                + rd_kafka_err2str(message.err);
    else if (message.offset != arrived)
      failure = "record " + std::to_string(arrived) + " came to offset "
                + std::to_string(message.offset)
                + ": another client has written to the embedded broker "
                  "before its journal was played back";
    ++arrived;
  }
};

std::size_t stored_bytes(const owned_record& record) {
  std::size_t bytes = record_overhead;
  bytes += record.key ? record.key->size() : 0;
  bytes += record.value ? record.value->size() : 0;
  for (const auto& item : record.headers)
    bytes += 10 + item.name.size() + (item.value ? item.value->size() : 0);
  return bytes;
}

playback::playback(only_make) {}

playback::~playback() = default;

tl::expected<std::unique_ptr<playback>, std::string>
playback::make(const journal& from, const std::string& brokers,
               const std::set<topic_partition>& guarded, unread_limit limit) {
  // No retry and one request at a time: a record arrives once, in order, or
  // the start fails.
  auto to = client::make(
      {.type = RD_KAFKA_PRODUCER,
       .brokers = brokers,
       .pinned = {{"message.send.max.retries", "0"},
                  {"max.in.flight", "1"},
                  {"linger.ms", "5"},
                  {"message.max.bytes", "67108864"},
                  {"batch.size", "500000"},
                  {"queue.buffering.max.kbytes", "262144"}},
       .delivered = [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
         static_cast<feed*>(message->_private)->on_delivered(*message);
       }});
  if (!to)
    return tl::unexpected{to.error()};
  auto result = std::make_unique<playback>(only_make{});
  result->from_ = &from;
  result->limit_ = limit;
  result->link_ = std::make_unique<link>(link{std::move(*to)});
  for (const auto& [topic, partitions] : from.topics())
    for (int i = 0; i < partitions; ++i) {
      topic_partition where{topic, i};
      auto frames = from.read(where);
      if (!frames)
        return tl::unexpected{frames.error()};
      auto next = std::make_unique<feed>(
          feed{.where = where, .frames = std::move(*frames)});
      next->guarded = guarded.contains(where);
      next->end = from.end(where);
      ++result->unfinished_;
      result->feeds_.emplace(where, std::move(next));
    }
  return result;
}

tl::expected<bool, std::string>
playback::advance(const std::map<topic_partition, std::int64_t>& committed) {
  bool any = false;
  for (auto& [where, to] : feeds_) {
    if (to->finished())
      continue;
    if (auto at = committed.find(where); at != committed.end())
      to->read_up_to(at->second);
    auto fed = feed_some(*to);
    if (!fed)
      return fed;
    any = any || *fed;
  }
  if (auto ok = settle(); !ok)
    return tl::unexpected{ok.error()};
  // What lies below the commit is read as soon as it is there.
  for (auto& [where, to] : feeds_)
    if (auto at = committed.find(where); at != committed.end())
      to->read_up_to(at->second);
  for (auto& [where, to] : feeds_)
    if (!to->reported && to->finished()) {
      to->reported = true;
      finished_.push_back(where);
      --unfinished_;
    }
  return any;
}

tl::expected<bool, std::string> playback::feed_some(feed& to) {
  std::size_t sent = 0;
  while (!to.finished() && sent < turn_bytes) {
    if (to.guarded
        && (to.unread_bytes >= limit_.bytes
            || to.unread.size() >= limit_.records))
      break;
    auto payload = to.frames.next();
    if (!payload)
      return tl::unexpected{to_string(to.where)
                            + ": the journal ended before offset "
                            + std::to_string(to.end)};
    auto record = journal::decode(*payload, to.where);
    if (!record)
      return tl::unexpected{record.error()};
    // Offsets that were lost before they were journaled keep their place.
    owned_record lost{to.where, 0, record->timestamp_ms, {}, {}, {}};
    lost.headers.push_back({"sluice.lost", std::nullopt});
    while (to.next < record->offset)
      if (auto ok = send(to, lost); !ok)
        return tl::unexpected{ok.error()};
    if (auto ok = send(to, *record); !ok)
      return tl::unexpected{ok.error()};
    auto bytes = stored_bytes(*record);
    to.unread.emplace_back(record->offset, bytes);
    to.unread_bytes += bytes;
    sent += bytes;
  }
  return sent > 0;
}

tl::expected<void, std::string> playback::send(feed& to,
                                               const owned_record& record) {
  auto parts = produce_parts(record, &to);
  auto* rk = link_->to->get();
  for (;;) {
    error_ptr error{rd_kafka_produceva(rk, parts.data(), parts.size())};
    if (!error) {
      ++to.next;
      return {};
    }
    if (rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return tl::unexpected{to_string(to.where) + ": cannot be played back: "
                            + rd_kafka_error_string(error.get())};
    if (auto ok = settle(); !ok)
      return ok;
  }
}

tl::expected<void, std::string> playback::settle() {
  auto error = rd_kafka_flush(link_->to->get(), settle_timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return tl::unexpected{std::string{"the embedded broker does not take its "
                                      "journal back: "}
                          + rd_kafka_err2str(error)};
  for (auto& [where, to] : feeds_)
    if (!to->failure.empty())
      return tl::unexpected{to_string(where) + ": " + to->failure};
  return {};
}

std::vector<topic_partition> playback::take_finished() {
  return std::exchange(finished_, {});
}

} // namespace sluice::kafka
