#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/broker_choice.hpp"
#include "cli/clickhouse_access.hpp"
#include "cli/messages.hpp"
#include "cli/pipeline_controls.hpp"
#include "cli/reset_plan.hpp"
#include "cli/table_choice.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"
#include "kafka/group_positions.hpp"
#include "kafka/record_fetch.hpp"
#include "kafka/topic_retention.hpp"
#include "plan/table_reset.hpp"

namespace sluice::cli {

namespace {

constexpr std::chrono::seconds patience{10};
/// Of tries to find an epoch that nobody uses; each fails only because somebody
/// else was faster.
constexpr int tries_max = 5;

template <class T>
using or_line = tl::expected<T, std::string>;

struct reset_arguments {
  std::string file;
  std::string table;
  std::optional<std::filesystem::path> data;
  bool accept_loss = false;
  bool yes = false;
};

/// One reset, with everything that it talks to.
class table_reset {
public:
  table_reset(const topology::topology& what, const topology::table& table,
              const reset_arguments& arguments)
      : what_{what}, table_{table}, arguments_{arguments} {}

  int run() {
    if (const auto opened = open(); !opened)
      return fail(opened.error());
    const auto partitions = ask_partitions();
    if (!partitions)
      return fail(partitions.error());
    auto epoch = choose_epoch(*partitions);
    if (!epoch)
      return fail(epoch.error());
    const auto lost = announce(*partitions, *epoch);
    if (!lost)
      return fail(lost.error());
    if (*lost && !arguments_.accept_loss)
      return fail("nothing was done: what the topic does not bring again would "
                  "be gone from table "
                  + table_.name + "; --accept-loss resets it all the same");
    if (!arguments_.yes)
      return refuse("nothing was done: repeat it with --yes");
    return carry_out(*epoch);
  }

private:
  or_line<void> open() {
    auto at = find_brokers(what_, arguments_.data);
    if (!at)
      return tl::unexpected{at.error()};
    at_ = std::move(*at);
    auto log = visit_controls(at_, what_);
    if (!log)
      return tl::unexpected{log.error()};
    log_ = std::move(*log);
    auto positions = kafka::group_positions::make(at_, what_.kafka.group);
    if (!positions)
      return tl::unexpected{positions.error()};
    positions_ = std::move(*positions);
    auto access = find_clickhouse(what_, arguments_.data, if_missing::refuse);
    if (!access)
      return tl::unexpected{access.error()};
    access_ = std::move(*access);
    // The database may not exist: that is said of the table.
    client_ = access_.connect("default");
    return {};
  }

  or_line<std::vector<partition_facts>> ask_partitions() {
    const auto counts = kafka::topic_partition_counts(at_, patience);
    if (!counts)
      return tl::unexpected{counts.error()};
    const auto found = counts->find(table_.topic);
    if (found == counts->end())
      return tl::unexpected{"topic " + table_.topic + " does not exist"};
    std::vector<kafka::topic_partition> all;
    for (auto partition = 0; partition < found->second; ++partition)
      all.push_back({table_.topic, partition});
    const auto committed = positions_->committed(all);
    if (!committed)
      return tl::unexpected{committed.error()};
    std::vector<partition_facts> result;
    for (const auto& where : all) {
      partition_facts facts;
      facts.where = where;
      if (const auto position = committed->find(where);
          position != committed->end())
        facts.committed = position->second;
      auto metadata = kafka::decode_position_metadata(
          facts.committed.metadata, facts.committed.offset.value_or(0));
      if (!metadata)
        return tl::unexpected{kafka::to_string(where) + ": "
                              + metadata.error()};
      facts.metadata = std::move(*metadata);
      if (const auto of = facts.metadata.pipeline;
          of != 0 && of != kafka::name_hash(what_.pipeline))
        return tl::unexpected{
            kafka::to_string(where)
            + ": the committed offset is of another pipeline"};
      result.push_back(std::move(facts));
    }
    return result;
  }

  /// Beyond every epoch that a position, a row, the table's constraint or an
  /// earlier reset names.
  or_line<std::uint16_t>
  choose_epoch(const std::vector<partition_facts>& partitions) {
    auto in_use = epochs_in(partitions);
    const auto life =
        plan::read_table_life(*client_, what_.clickhouse.database, table_.name);
    if (!life)
      return tl::unexpected{explain(life.error())};
    rows_ = life->rows;
    in_use.push_back(life->least_epoch);
    in_use.push_back(life->greatest_epoch);
    const auto controls = read_controls(*log_);
    if (!controls)
      return tl::unexpected{controls.error()};
    if (const auto told = controls->epochs().find(table_.name);
        told != controls->epochs().end())
      in_use.push_back(told->second);
    return plan::epoch_after(in_use);
  }

  /// Says what will be read again; true: something will not come again.
  or_line<bool> announce(std::vector<partition_facts> partitions,
                         std::uint16_t epoch) {
    std::cout << "table " << table_.name << " of pipeline " << what_.pipeline
              << ": its " << rows_ << " rows go, and it is read again as epoch "
              << epoch << ", from\n";
    auto lost = false;
    for (auto& each : partitions) {
      if (const auto asked = ask_log(each); !asked)
        return tl::unexpected{asked.error()};
      const auto again = read_again(each, table_.start);
      std::cout << "  " << kafka::to_string(each.where) << " offset "
                << again.offset << " of " << each.bounds.end
                << (again.lost.empty() ? "" : ": " + again.lost) << '\n';
      lost = lost || !again.lost.empty();
    }
    if (table_.mode == topology::table_mode::append) {
      const auto compacted = kafka::is_compacted(at_, table_.topic, patience);
      if (!compacted)
        return tl::unexpected{compacted.error()};
      if (*compacted)
        std::cout << "  topic " << table_.topic
                  << " is compacted: it may have only the newest record of "
                     "each key\n";
      lost = lost || *compacted;
    }
    return lost;
  }

  or_line<void> ask_log(partition_facts& of) {
    const auto bounds = positions_->bounds(of.where);
    if (!bounds)
      return tl::unexpected{bounds.error()};
    of.bounds = *bounds;
    if (table_.start.from != topology::table_start::kind::timestamp)
      return {};
    if (!records_) {
      auto records = kafka::make_record_fetcher(at_);
      if (!records)
        return tl::unexpected{records.error()};
      records_ = std::move(*records);
    }
    const std::chrono::milliseconds since{table_.start.time.time_since_epoch()};
    const auto found = records_->offset_at(of.where, since.count(), patience);
    if (!found)
      return tl::unexpected{found.error()};
    of.at_time = *found;
    return {};
  }

  int carry_out(std::uint16_t epoch) {
    for (auto tries = 0; tries < tries_max; ++tries) {
      const auto emptied =
          plan::empty_table(*client_, what_.clickhouse.database, table_.name,
                            epoch, process_name());
      if (!emptied)
        return fail(
            explain(emptied.error())
            + (emptied.error().outcome_unknown ? "; run it again" : ""));
      if (!emptied->leftover.empty())
        note("the former rows are in table " + emptied->leftover
             + " still, drop it by hand: " + emptied->leftover_reason);
      // A partition that has gone past the epoch meanwhile would not begin
      // again.
      const auto partitions = ask_partitions();
      if (!partitions)
        return interrupted(partitions.error());
      const auto used = epochs_in(*partitions);
      if (!emptied->overtaken
          && std::ranges::all_of(used, [=](auto each) { return each < epoch; }))
        return tell_nodes(epoch);
      const auto next = choose_epoch(*partitions);
      if (!next)
        return interrupted(next.error());
      epoch = *next;
    }
    return interrupted("others reset it, or begin new epochs, all the time");
  }

  int tell_nodes(std::uint16_t epoch) {
    if (const auto told = tell(*log_, {table_.name, plan::table_verb::reset,
                                       process_name(), epoch});
        !told)
      return interrupted(told.error());
    std::cout << "table " << table_.name
              << " is empty and begins again as epoch " << epoch
              << "; `sluice status` shows how far it is\n";
    return exit_ok;
  }

  [[nodiscard]] int interrupted(const std::string& why) const {
    return fail(why + "; table " + table_.name
                + " may be empty already, and takes nothing before its reset "
                  "was told to the nodes: run it again");
  }

  const topology::topology& what_;
  const topology::table& table_;
  const reset_arguments& arguments_;
  kafka::broker_address at_;
  std::unique_ptr<kafka::control_log> log_;
  std::unique_ptr<kafka::group_positions> positions_;
  std::unique_ptr<kafka::record_fetcher> records_;
  clickhouse_access access_;
  std::unique_ptr<clickhouse::client> client_;
  std::uint64_t rows_ = 0;
};

int reset(const reset_arguments& arguments) {
  const auto topology = load_topology(arguments.file);
  if (!topology)
    return exit_mistake;
  const auto table = choose_table(topology->what, arguments.table);
  if (!table)
    return refuse(table.error());
  return table_reset{topology->what, **table, arguments}.run();
}

} // namespace

void add_table_reset(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<reset_arguments>();
  auto* verb = to.add_subcommand(
      "reset", "empty one table and read it again from its topic");
  verb->footer(
      "After a fix of its mapping, or damage in ClickHouse. The table is read "
      "from where\n`start:` says; the other tables of its topic go on. Every "
      "row comes exactly once,\nwhatever fails meanwhile; if the command "
      "itself "
      "fails, run it again. All windows\nof its golds are run again. "
      "Without --yes it says what it would do.\n\n"
      "  sluice table reset config/commerce.yaml users --yes");
  add_file(*verb, arguments->file);
  verb->add_option("TABLE", arguments->table, "a table of the topology")
      ->required()
      ->type_name("");
  add_data(*verb, arguments->data,
           "data directory of the node (default: the one that is running)");
  verb->add_flag("--accept-loss", arguments->accept_loss,
                 "also when the topic has not all records any more");
  verb->add_flag("--yes", arguments->yes, "do it");
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return reset(*arguments); };
  });
}

} // namespace sluice::cli
