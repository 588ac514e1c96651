#include "chaos/scraper.hpp"

#include <charconv>
#include <chrono>
#include <utility>

#include "chaos/silver_reader.hpp"
#include "status/http_get.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::chaos {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds interval{1000};
constexpr milliseconds look_interval{50};
// A paused node does not answer.
constexpr milliseconds patience{400};

} // namespace

scraper::scraper(const cluster& of, std::function<void()> each_time)
    : of_{of}, each_time_{std::move(each_time)}, thread_{[this] { run(); }} {}

scraper::~scraper() {
  stop_ = true;
  thread_.join();
}

metric_sums scraper::sums() const {
  const std::lock_guard lock{mutex_};
  return sums_;
}

void scraper::run() {
  auto next = std::chrono::steady_clock::now();
  while (!stop_) {
    if (std::chrono::steady_clock::now() < next) {
      std::this_thread::sleep_for(look_interval);
      continue;
    }
    next = std::chrono::steady_clock::now() + interval;
    each_time_();
    ask_nodes();
    ask_clickhouse();
  }
}

void scraper::ask_nodes() {
  for (const auto& node : of_.living_nodes()) {
    const auto reply = status::http_get(
        "http://127.0.0.1:" + std::to_string(node.port) + "/metrics", patience);
    if (!reply || reply->status != 200)
      continue;
    const std::lock_guard lock{mutex_};
    sums_.observe(node.life, reply->body);
  }
}

void scraper::ask_clickhouse() {
  const auto before = of_.living_clickhouse();
  if (before.life == 0)
    return;
  const silver_reader reader{before.port, "default"};
  const auto text =
      reader.query("SELECT value FROM system.events WHERE event = "
                   + topology::quote_literal(dropped_tokens));
  // Another process may have answered.
  if (!text || of_.living_clickhouse().life != before.life)
    return;
  double value = 0;
  std::from_chars(text->data(), text->data() + text->size(), value);
  const std::lock_guard lock{mutex_};
  sums_.observe(before.life, dropped_tokens, value);
}

} // namespace sluice::chaos
