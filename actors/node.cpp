#include "actors/node.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <future>
#include <thread>

#include <unistd.h>

#include "actors/backoff.hpp"
#include "actors/failure.hpp"
#include "actors/homes.hpp"
#include "actors/launch.hpp"
#include "actors/log.hpp"
#include "actors/signals.hpp"
#include "actors/wall_clock.hpp"
#include "kafka/group_source.hpp"
#include "kafka/producer.hpp"
#include "kafka/topics.hpp"
#include "plan/gold_check.hpp"
#include "plan/insert_check.hpp"
#include "plan/schema.hpp"
#include "status/node_registry.hpp"
#include "status/status_server.hpp"

namespace sluice::actors {

namespace {

template <class T>
using or_line = tl::expected<T, std::string>;

std::string node_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0)
    host = {'n', 'o', 'd', 'e'};
  return std::string{host.data()} + "-" + std::to_string(getpid());
}

class system_config : public caf::actor_system_config {
public:
  system_config() {
    // Workers that steal from each other poll for it: a fifth of a core.
    set("scheduler.policy", caf::atom("sharing"));
    // CAF's default of at least four would oversubscribe small machines.
    set("scheduler.max-threads",
        std::max(2U, std::thread::hardware_concurrency()));
  }
};

/// Everything of a running node, in the order in which it is opened; it is
/// closed in reverse.
class node {
public:
  node(const topology::topology& what, const node_options& options)
      : what_{what}, options_{options} {}

  /// 0 or 1, as run_node.
  int run();

private:
  [[nodiscard]] or_line<void> open();
  [[nodiscard]] or_line<void> serve_status();
  [[nodiscard]] or_line<void> register_node();
  void publish_broker();
  void wait_until_stopped();
  /// False: stopped by a signal before it succeeded.
  [[nodiscard]] or_line<bool> prepare_clickhouse();
  [[nodiscard]] tl::expected<void, clickhouse::error>
  apply(clickhouse::client& on);
  [[nodiscard]] tl::expected<void, clickhouse::error>
  check_inserts(clickhouse::client& on);
  [[nodiscard]] or_line<void> join();
  [[nodiscard]] or_line<void> join_election();
  void stop();
  void trouble(const std::string& part, const std::string& reason);
  [[nodiscard]] status::report first_report() const;

  const topology::topology& what_;
  const node_options& options_;
  plan::layouts layouts_;
  clickhouse_home clickhouse_;
  kafka_home kafka_;
  std::shared_ptr<status::registry> registry_;
  std::shared_ptr<status_board> board_;
  std::shared_ptr<kafka::record_sink> dead_letters_;
  std::shared_ptr<memory_budget> memory_;
  system_config config_;
  std::optional<caf::actor_system> system_;
  launched actors_;
  std::promise<kafka::group_member*> joined_;
  std::shared_ptr<kafka::group_listener> listener_;
  std::unique_ptr<kafka::group_member> group_;
  /// Null where there is no gold.
  std::unique_ptr<kafka::leader_election> election_;
  std::unique_ptr<status::status_server> status_server_;
  std::optional<status::registration> registration_;
  std::atomic<bool> failed_ = false;
};

void node::trouble(const std::string& part, const std::string& reason) {
  if (!reason.empty())
    log_line(part, reason);
  caf::anon_send(actors_.metrics, trouble_reported{part, reason});
}

status::report node::first_report() const {
  status::report result;
  auto& info = result.node;
  info.id = node_name();
  info.version = SLUICE_VERSION;
  info.pipeline = what_.pipeline;
  info.topology_file = what_.file;
  info.pid = getpid();
  info.started = system_wall_clock();
  if (!kafka_.broker || kafka_.broker->is_played_back())
    info.kafka_brokers = kafka_.brokers;
  info.clickhouse_url = clickhouse_.url;
  info.clickhouse_port = clickhouse_.port;
  info.data_directory = std::filesystem::absolute(options_.data_directory);
  return result;
}

or_line<void> node::open() {
  auto layouts = plan::lay_out(what_);
  if (!layouts)
    return tl::make_unexpected(to_string(layouts.error().front()));
  layouts_ = std::move(*layouts);
  if (auto ready = prepare_data_directory(options_.data_directory); !ready)
    return ready;
  auto clickhouse = open_clickhouse(what_.clickhouse, options_.data_directory);
  if (!clickhouse)
    return tl::make_unexpected(clickhouse.error());
  clickhouse_ = std::move(*clickhouse);
  auto kafka = open_kafka(what_, options_.data_directory);
  if (!kafka)
    return tl::make_unexpected(kafka.error());
  kafka_ = std::move(*kafka);
  auto producer = kafka::make_producer(
      {.brokers = kafka_.brokers, .properties = what_.kafka.properties});
  if (!producer)
    return tl::make_unexpected(producer.error());
  dead_letters_ = std::move(*producer);

  registry_ =
      std::make_shared<status::registry>(SLUICE_VERSION, what_.pipeline);
  board_ = std::make_shared<status_board>(first_report());
  memory_ = std::make_shared<memory_budget>(what_.tuning.memory_bytes);
  registry_->node().memory_budget.set(
      static_cast<double>(what_.tuning.memory_bytes));
  system_.emplace(config_);
  auto group = std::shared_future<kafka::group_member*>{joined_.get_future()};
  actors_ = launch(
      *system_,
      std::make_shared<const launch_parts>(launch_parts{
          what_, layouts_, clickhouse_.endpoint,
          [at = kafka::broker_address{kafka_.brokers, what_.kafka.properties}] {
            return kafka::make_record_fetcher(at);
          },
          [this] { return open_controls(what_, kafka_); }, memory_,
          make_insert_slots(what_.tuning), dead_letters_,
          [group]() -> kafka::group_member& { return *group.get(); }, registry_,
          board_, board_->current().node.id}));
  actors_.supervisor->attach_functor([this](const caf::error& reason) {
    const auto text = failure_text(reason);
    if (text.empty())
      return;
    // Without its supervisor the node is worth nothing: it ends, and whoever
    // started it starts it again.
    log_line("supervisor", "failed: " + text);
    failed_ = true;
    kill(getpid(), SIGTERM);
  });
  return {};
}

or_line<void> node::serve_status() {
  auto server = status::status_server::start(
      what_.status.host, options_.status_port.value_or(what_.status.port),
      {[board = board_] { return board->current(); },
       [registry = registry_, memory = memory_,
        node = registry_->node()]() mutable {
         node.memory_in_use.set(static_cast<double>(memory->in_use()));
         return registry->exposition();
       }});
  if (!server)
    return tl::make_unexpected(server.error());
  status_server_ = std::move(*server);
  board_->update([&](status::report& report) {
    report.node.status_url = status_server_->url();
  });
  return register_node();
}

or_line<void> node::register_node() {
  const auto info = board_->current().node;
  auto registered =
      status::registration::write({.pipeline = info.pipeline,
                                   .topology_file = info.topology_file,
                                   .status_url = info.status_url,
                                   .kafka_brokers = info.kafka_brokers,
                                   .clickhouse_url = info.clickhouse_url,
                                   .data_directory = info.data_directory,
                                   .pid = info.pid,
                                   .started = info.started});
  if (!registered)
    return tl::make_unexpected(registered.error());
  registration_ = std::move(*registered);
  return {};
}

/// While the embedded broker plays back its journal, records of others would
/// get offsets that are not theirs: nobody is told its address before.
void node::publish_broker() {
  board_->update([&](status::report& report) {
    report.node.kafka_brokers = kafka_.brokers;
  });
  if (const auto registered = register_node(); !registered)
    log_line("node", registered.error());
}

void node::wait_until_stopped() {
  constexpr std::chrono::milliseconds look_again{200};
  while (kafka_.broker && !kafka_.broker->is_played_back())
    if (wait_for_stop(look_again))
      return;
  if (board_->current().node.kafka_brokers.empty())
    publish_broker();
  while (!wait_for_stop(std::chrono::hours{1}))
    continue;
}

tl::expected<void, clickhouse::error> node::apply(clickhouse::client& on) {
  if (!options_.apply)
    return {};
  return plan::apply(on, what_, layouts_).map([](const auto& /*done*/) {});
}

/// Before the first insert: a window that forgets too early, or a setting that
/// the user may not set, would make repeated blocks stand twice.
tl::expected<void, clickhouse::error>
node::check_inserts(clickhouse::client& on) {
  constexpr std::chrono::milliseconds patience{3'000};
  const auto counts = kafka::topic_partition_counts(
      {kafka_.brokers, what_.kafka.properties}, patience);
  auto found = plan::check_inserts(on, what_,
                                   counts ? *counts : plan::partition_counts{});
  if (!found)
    return tl::make_unexpected(found.error());
  for (const auto& warning : found->warnings)
    log_line("clickhouse", "warning: " + warning);
  if (found->mistakes.empty())
    return {};
  for (const auto& mistake : found->mistakes)
    log_line("clickhouse", mistake);
  return tl::make_unexpected(clickhouse::error{clickhouse::remedy::stop, 0,
                                               false, found->mistakes.front()});
}

or_line<bool> node::prepare_clickhouse() {
  auto where = what_.clickhouse;
  where.database = "default"; // ours may not exist yet
  auto client = where.is_embedded()
                    ? clickhouse_.endpoint->connect()
                    : clickhouse::http_endpoint(where)->connect();
  backoff wait{std::chrono::seconds{1}, std::chrono::seconds{30}};
  while (true) {
    auto done = apply(*client);
    if (done)
      done = check_inserts(*client);
    if (done) {
      trouble("clickhouse", {});
      for (const auto& each : plan::refused_golds(*clickhouse_.endpoint, what_))
        log_line("gold", each);
      return true;
    }
    if (done.error().what == clickhouse::remedy::stop)
      return tl::make_unexpected(done.error().message);
    trouble("clickhouse", done.error().message);
    if (wait_for_stop(wait.next()))
      return false;
  }
}

or_line<void> node::join() {
  if (!kafka_.broker) {
    // A cluster that creates topics by itself needs no permission of ours: the
    // dead-letter writer says so if the topic is really missing.
    const auto created = kafka::ensure_topics(
        {kafka_.brokers, what_.kafka.properties},
        {{what_.kafka.dead_letter_topic, 1}}, std::chrono::seconds{5});
    if (!created)
      log_line("kafka", created.error());
  }
  kafka::group_options options;
  options.brokers = kafka_.brokers;
  options.group = what_.kafka.group;
  options.topics = topics_of(what_);
  options.properties = what_.kafka.properties;
  if (!options_.instance_id.empty())
    options.instance_id = options_.instance_id;
  // A dead letter keeps the headers of its record.
  options.with_headers = true;
  options.queue_bytes_total = memory_->queue_bytes();
  if (auto* broker = kafka_.broker.get()) {
    options.fetch_wait = std::chrono::milliseconds{10};
    options.journal_commit =
        [broker, group = what_.kafka.group](const kafka::topic_partition& where,
                                            std::int64_t offset,
                                            const std::string& metadata) {
          return broker->journal_commit(group, where, offset, metadata);
        };
  }
  listener_ = make_group_listener(actors_.supervisor);
  auto member = kafka::join_group(options, listener_);
  if (!member)
    return tl::make_unexpected(member.error());
  group_ = std::move(*member);
  joined_.set_value(group_.get());
  return join_election();
}

or_line<void> node::join_election() {
  if (what_.golds.empty())
    return {};
  auto election = stand_for_election(
      what_, kafka_,
      [supervisor = actors_.supervisor](bool leads) {
        caf::anon_send(supervisor, leadership_changed{leads});
      },
      [this](const std::string& reason) {
        trouble("election of the leader", reason);
      });
  if (!election)
    return tl::make_unexpected(election.error());
  election_ = std::move(*election);
  return {};
}

/// The lead first, so that another node has it while this one ends. Sources
/// next, so that everything below them can finish: the group is left (its
/// partitions drain and commit), then the actors end, then what they used.
void node::stop() {
  log_line("node", "stops: finishes what is in flight");
  end_at_next_stop(options_.shutdown_deadline);
  caf::anon_send(actors_.metrics,
                 phase_changed{status::health_state::stopping});
  election_.reset();
  if (group_)
    group_->close(options_.shutdown_deadline);
  registration_.reset();
  caf::anon_send_exit(actors_.supervisor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors_.metrics, caf::exit_reason::user_shutdown);
  actors_ = {};
  listener_.reset();
  system_->await_all_actors_done();
  status_server_.reset();
  group_.reset();
  dead_letters_.reset();
}

int node::run() {
  const auto mistake = [](const std::string& line) {
    std::fprintf(stderr, "sluice: %s\n", line.c_str());
    return 1;
  };
  if (const auto opened = open(); !opened)
    return mistake(opened.error());
  auto exit_code = 0;
  if (const auto served = serve_status(); !served)
    exit_code = mistake(served.error());
  auto prepared = exit_code == 0 ? prepare_clickhouse() : or_line<bool>{false};
  if (!prepared)
    exit_code = mistake(prepared.error());
  if (exit_code == 0 && prepared.value()) {
    if (const auto joined = join(); !joined) {
      exit_code = mistake(joined.error());
    } else {
      caf::anon_send(actors_.metrics,
                     phase_changed{status::health_state::running});
      log_line("node", "runs; status page " + status_server_->url());
      wait_until_stopped();
    }
  }
  stop();
  return failed_ ? 1 : exit_code;
}

} // namespace

int run_node(const topology::topology& what, const node_options& options) {
  block_stop_signals();
  return node{what, options}.run();
}

} // namespace sluice::actors
