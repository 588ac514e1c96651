#include "chaos/stage.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "chaos/gold_reader.hpp"
#include "chaos/load_check.hpp"
#include "chaos/silver_reader.hpp"
#include "chaos/topology_text.hpp"
#include "kafka/producer.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::chaos {

namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;
template <class T>
using or_line = tl::expected<T, std::string>;

constexpr milliseconds broker_deadline = 30s;
constexpr milliseconds apply_deadline = 60s;
constexpr std::size_t troubles_max = 20;
// An embedded broker keeps 5 MiB of a partition and drops what is older.
constexpr std::int64_t unread_max_embedded = 6000;

kafka::broker_address address_of(const topology::topology& what) {
  return {what.kafka.brokers, what.kafka.properties};
}

} // namespace

stage::stage(const run_options& options)
    : options_{options},
      cluster_{options.program, options.directory, options.wait},
      topology_file_{options.directory / "topology.yaml"} {}

stage::~stage() {
  // Who uses a thing goes before it.
  load_.reset();
  scraper_.reset();
  follower_.reset();
}

or_line<void> stage::set_up() {
  std::error_code failure;
  const auto runtime = options_.directory / "runtime";
  std::filesystem::create_directory(runtime, failure);
  std::filesystem::permissions(runtime, std::filesystem::perms::owner_all,
                               failure);
  if (failure)
    return tl::unexpected(runtime.string() + ": " + failure.message());
  return set_up_clickhouse()
      .and_then([this] { return set_up_broker(); })
      .and_then([this] { return set_up_tables(); })
      .and_then([this] { return set_up_followers(); })
      .and_then([this] { return set_up_load(); });
}

or_line<void> stage::set_up_clickhouse() {
  if (auto started = cluster_.start_clickhouse(); !started)
    return started;
  auto proxy = fault_proxy::start(
      {.upstream_port = cluster_.clickhouse_port(),
       .seed = options_.seed,
       .inserted =
           [this](const std::string& token) {
             // A log table is away now and then, and then it has no writes.
             if (token.find("/chaos_log_") != std::string::npos)
               return;
             const std::lock_guard lock{mutex_};
             gaps_.written(token, std::chrono::steady_clock::now());
           },
       .log = options_.directory / "requests.log"});
  if (!proxy)
    return tl::unexpected(proxy.error());
  proxy_ = std::move(*proxy);
  return {};
}

or_line<void> stage::set_up_broker() {
  auto brokers = options_.brokers.value_or(options_.what.kafka.brokers);
  owns_broker_ = brokers == "embedded";
  copy_ = make_throwaway(
      options_.what,
      {.run = options_.run_name,
       .brokers = brokers,
       .clickhouse_url = "http://127.0.0.1:" + std::to_string(proxy_->port()),
       .session_timeout = options_.session_timeout});
  if (auto fits = check_load(copy_.what); !fits)
    return fits;
  std::set<std::string> names;
  for (const auto& table : copy_.what.tables)
    if (names.insert(table.topic).second)
      topics_.push_back({table.topic, copy_.what.kafka.embedded.partitions});
  topics_.push_back({copy_.what.kafka.dead_letter_topic, 1});
  if (owns_broker_) {
    auto address = cluster_.start_broker(topics_, copy_.what.kafka.group);
    if (!address)
      return tl::unexpected(address.error());
    copy_.what.kafka.brokers = *address;
  } else if (auto made = kafka::ensure_topics(address_of(copy_.what), topics_,
                                              broker_deadline);
             !made) {
    return made;
  }
  auto positions = kafka::group_positions::make(address_of(copy_.what),
                                                copy_.what.kafka.group);
  if (!positions)
    return tl::unexpected(positions.error());
  positions_ = std::move(*positions);
  auto golds = gold_watch::open(copy_.what, !owns_broker_);
  if (!golds)
    return tl::unexpected(golds.error());
  golds_ = std::move(*golds);
  return {};
}

or_line<void> stage::set_up_tables() {
  std::ofstream out{topology_file_, std::ios::binary};
  out << topology_text(copy_.what);
  out.close();
  if (!out)
    return tl::unexpected(topology_file_.string() + " cannot be written");
  if (auto applied =
          cluster_.run({cluster_.program(), "apply", topology_file_.string()},
                       "sluice apply", apply_deadline);
      !applied)
    return applied;
  for (const auto& table : copy_.log_tables) {
    auto done = insist("ALTER TABLE " + topology::quote_identifier(table)
                           + " ADD CONSTRAINT chaos_poison CHECK "
                           + topology::quote_identifier(mark_column)
                           + " != " + topology::quote_literal(poison_mark),
                       apply_deadline);
    if (!done)
      return done;
  }
  for (std::size_t number = 0; number < options_.nodes; ++number)
    if (auto started = start_node(number); !started)
      return started;
  return {};
}

or_line<void> stage::set_up_followers() {
  model_ = std::make_unique<model>(copy_.what, copy_.log_tables);
  kafka::follower_callbacks to;
  to.record = [this](const kafka::owned_record& record) {
    const std::lock_guard lock{mutex_};
    if (record.where.topic == copy_.what.kafka.dead_letter_topic)
      model_->add_dead_letter(record);
    else
      model_->add(record);
  };
  to.trouble = [this](std::string line) {
    const std::lock_guard lock{mutex_};
    if (troubles_.size() < troubles_max)
      troubles_.push_back("reading " + std::move(line));
  };
  auto follower = kafka::topic_follower::start(address_of(copy_.what), topics_,
                                               std::move(to));
  if (!follower)
    return tl::unexpected(follower.error());
  follower_ = std::move(*follower);
  return {};
}

or_line<void> stage::set_up_load() {
  std::vector<record_maker> makers;
  for (const auto& topic : topics_) {
    if (topic.name == copy_.what.kafka.dead_letter_topic)
      continue;
    auto maker = record_maker::make(copy_.what, topic.name,
                                    options_.seed + makers.size());
    if (!maker)
      return tl::unexpected(maker.error());
    makers.push_back(std::move(*maker));
  }
  auto producer =
      kafka::make_producer({.brokers = copy_.what.kafka.brokers,
                            .properties = options_.what.kafka.properties,
                            .client_id = "sluice-chaos"});
  if (!producer)
    return tl::unexpected(producer.error());
  load_ = std::make_unique<load>(std::move(makers), std::move(*producer),
                                 options_.rate,
                                 [this] { return is_behind_.load(); });
  // Last, because it looks at what was set up before.
  scraper_ = std::make_unique<scraper>(cluster_, [this] { look(); });
  return {};
}

or_line<void> stage::start_node(std::size_t number) {
  return cluster_.start_node(number, topology_file_);
}

void stage::broke(const std::string& what) {
  const std::lock_guard lock{mutex_};
  gaps_.broke(what, std::chrono::steady_clock::now());
}

std::map<std::string, milliseconds> stage::longest_gaps() const {
  const std::lock_guard lock{mutex_};
  return gaps_.longest();
}

or_line<void> stage::insist(const std::string& sql, milliseconds deadline) {
  constexpr milliseconds pause = 200ms;
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (true) {
    const silver_reader reader{cluster_.clickhouse_port(),
                               copy_.what.clickhouse.database};
    const auto answer = reader.query(sql);
    if (answer)
      return {};
    if (std::chrono::steady_clock::now() > until)
      return tl::unexpected(answer.error());
    if (options_.wait(pause))
      return tl::unexpected(std::string{interrupted_words});
  }
}

std::optional<std::int64_t> stage::unread() {
  std::vector<kafka::topic_partition> partitions;
  for (const auto& topic : topics_)
    for (std::int32_t number = 0; number < topic.partitions; ++number)
      partitions.push_back({topic.name, number});
  const auto committed = positions_->committed(partitions);
  if (!committed)
    return std::nullopt;
  const auto read = follower_->positions();
  std::int64_t result = 0;
  for (const auto& where : partitions) {
    const auto bounds = positions_->bounds(where);
    if (!bounds)
      return std::nullopt;
    const auto followed = read.find(where);
    result += bounds->end - (followed == read.end() ? 0 : followed->second);
    if (where.topic == copy_.what.kafka.dead_letter_topic)
      continue;
    const auto position = committed->find(where);
    const auto done =
        position == committed->end() ? 0 : position->second.offset.value_or(0);
    result += bounds->end - done;
  }
  return result;
}

void stage::look() {
  watch_backlog();
  // A broker that is away is asked again in a second.
  (void)golds_->read_on();
}

std::optional<std::size_t> stage::windows_to_run() {
  if (!golds_->read_on())
    return std::nullopt;
  auto result = golds_->dirty();
  const gold_reader reader{cluster_.clickhouse_port(),
                           copy_.what.clickhouse.database};
  for (const auto& each : copy_.what.golds) {
    const auto unsound = reader.unsound(each);
    if (!unsound)
      return std::nullopt;
    result += *unsound;
  }
  return result;
}

void stage::watch_backlog() {
  if (!owns_broker_)
    return;
  if (const auto records = unread())
    is_behind_ = *records > unread_max_embedded;
}

void stage::look_at_model(const std::function<void(const model&)>& look) const {
  const std::lock_guard lock{mutex_};
  if (model_)
    look(*model_);
}

std::vector<std::string> stage::troubles() const {
  const std::lock_guard lock{mutex_};
  return troubles_;
}

} // namespace sluice::chaos
