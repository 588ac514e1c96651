#include "simulation/control_topic.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sluice::simulation {

namespace {

using namespace std::chrono_literals;

/// By when a client gives an append or a read up.
constexpr instant request_timeout = 5s;
/// An append that was given up may still arrive for so long.
constexpr instant latest_arrival = 20s;
/// How long a read waits for a record.
constexpr instant patience = 5s;

class node_log : public kafka::control_log {
public:
  node_log(stage& on, control_topic& topic, process& of)
      : on_{on}, topic_{topic}, of_{of} {}

  void append(std::string bytes,
              std::function<void(std::string error)> done) override {
    topic_.append(of_, std::move(bytes), done);
  }

  /// Without a wait: nobody waits here for the simulated time to pass.
  tl::expected<kafka::control_batch, std::string>
  read(std::int64_t from, std::chrono::milliseconds /*patience*/) override {
    if (on_.strikes(on_.faults.commit_lost, "control log reads lost"))
      return tl::unexpected{std::string{"the broker does not answer"}};
    return topic_.read_all(from);
  }

  tl::expected<kafka::trim_outcome, std::string>
  trim(std::int64_t before) override {
    return topic_.trim(before);
  }

private:
  stage& on_;
  control_topic& topic_;
  process& of_;
};

} // namespace

void control_topic::append(const plan::table_command& command) {
  const auto record = plan::encode(command);
  std::ignore = told_.obey(end(), {}, record);
  arrive(record);
}

void control_topic::append(process& from, std::string bytes,
                           const std::function<void(std::string error)>& done) {
  const auto& odds = on_.faults;
  const auto tell = [this, &from, done](const std::string& error,
                                        instant when) {
    on_.time.after(when, [&from, done, error] {
      from.reach([done, error] { done(error); });
    });
  };
  if (!from.is_alive())
    return;
  if (on_.strikes(odds.append_lost, "control records lost"))
    return tell("Local: Message timed out", request_timeout);
  if (on_.strikes(odds.append_late, "control records that came late")) {
    on_.time.after(on_.chance.within(request_timeout, latest_arrival),
                   [this, bytes] { arrive(bytes); });
    return tell("Local: Message timed out", request_timeout);
  }
  const auto now = on_.time.now();
  newest_arrival_ = std::max(newest_arrival_, now + on_.hop());
  const auto unanswered =
      on_.strikes(odds.append_reply_lost, "control records unanswered");
  on_.time.after(newest_arrival_ - now, [=, this] {
    arrive(bytes);
    if (on_.strikes(on_.faults.append_doubled, "control records doubled"))
      on_.time.after(on_.chance.within(1ms, latest_arrival),
                     [this, bytes] { arrive(bytes); });
    if (!unanswered)
      tell("", on_.hop());
  });
  if (unanswered)
    tell("Local: Message timed out", request_timeout);
}

void control_topic::arrive(const std::string& bytes) {
  on_.out.line("control log", [&] {
    // A term's record has a word by which its node knows it, drawn elsewhere.
    const auto is_term = bytes.find(R"("kind":"term")") != std::string::npos;
    return "gets " + std::to_string(records_.size()) + ": "
           + (is_term ? bytes.substr(0, bytes.find(R"(,"nonce")")) : bytes);
  });
  records_.push_back({end(), 0, bytes});
  count(bytes);
  for (const auto& each : std::exchange(waiting_, {}))
    answer(each.from, each.reply);
}

void control_topic::count(const std::string& bytes) {
  const auto has = [&](std::string_view what) {
    return bytes.find(what) != std::string::npos;
  };
  if (has(R"("kind":"marks")")) {
    if (has(R"("marks":[)"))
      ++on_.counts["records with marks"];
    if (has(R"("notes":[)"))
      ++on_.counts["records with notes"];
  } else if (has(R"("kind":"term")")) {
    ++on_.counts["terms begun"];
  }
}

kafka::control_batch control_topic::batch(std::int64_t from,
                                          std::int64_t until) const {
  kafka::control_batch result;
  result.start = start_;
  result.end = end();
  result.next = std::max(from, until);
  for (auto i = std::max(from, start_); i < until; ++i)
    result.records.push_back(records_[static_cast<std::size_t>(i)]);
  return result;
}

tl::expected<kafka::trim_outcome, std::string>
control_topic::trim(std::int64_t before) {
  if (before > end())
    return tl::unexpected{std::string{"beyond the log's end"}};
  if (before > start_) {
    start_ = before;
    ++on_.counts["control log trims"];
    on_.out.line("control log",
                 [&] { return "begins at " + std::to_string(before); });
  }
  return kafka::trim_outcome::trimmed;
}

void control_topic::answer(std::int64_t from, const batch_reply& reply) {
  // A client need not get all that there is at once.
  auto until = end();
  if (until - from > 1 && on_.chance.chance(0.1))
    until = on_.chance.between(from + 1, until);
  on_.time.after(on_.hop(),
                 [reply, result = batch(from, until)] { reply(result); });
}

void control_topic::read(std::int64_t from, const batch_reply& reply) {
  if (on_.strikes(on_.faults.commit_lost, "control log reads lost")) {
    on_.time.after(request_timeout, [reply] {
      reply(tl::make_unexpected(std::string{"the broker does not answer"}));
    });
    return;
  }
  on_.time.after(on_.hop(), [this, from, reply] {
    if (from < end())
      return answer(from, reply);
    const auto number = ++reads_;
    waiting_.push_back({from, number, reply});
    on_.time.after(patience, [this, number] {
      const auto found =
          std::ranges::find(waiting_, number, &waiting_read::number);
      if (found == waiting_.end())
        return;
      const auto late = std::move(*found);
      waiting_.erase(found);
      answer(late.from, late.reply);
    });
  });
}

std::unique_ptr<kafka::control_log> control_topic::open(process& on) {
  return std::make_unique<node_log>(on_, *this, on);
}

} // namespace sluice::simulation
