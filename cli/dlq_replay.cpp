#include <iostream>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/clickhouse_access.hpp"
#include "cli/dlq_letters.hpp"
#include "cli/dlq_replayer.hpp"
#include "cli/dlq_text.hpp"
#include "cli/dlq_topic.hpp"
#include "cli/messages.hpp"
#include "cli/topology_file.hpp"
#include "cli/verbs.hpp"

namespace sluice::cli {

namespace {

/// Letters that are in memory at once.
constexpr std::size_t letters_at_once = 100;

struct tally {
  std::map<std::string, std::size_t> written; // by table
  std::size_t found = 0;
  std::size_t ignored = 0;
  std::vector<std::pair<letter_id, std::string>> stays;
};

/// The letters of one table, some at a time: fetch, replay, note.
class table_replay {
public:
  table_replay(dlq_topic& from, letter_replayer& into, tally& counts)
      : from_{from}, into_{into}, counts_{counts} {}

  /// The error is one line and ends the command; what was replayed before is
  /// noted.
  tl::expected<void, std::string> add(const letter_id& id,
                                      const listed_letter& listed) {
    auto letter = from_.fetch(listed.copies.back());
    if (!letter)
      return tl::unexpected(to_string(id) + ": " + letter.error());
    letters_.push_back(std::move(*letter));
    places_.push_back(listed.copies);
    return letters_.size() < letters_at_once ? tl::expected<void, std::string>{}
                                             : finish();
  }

  tl::expected<void, std::string> finish() {
    const auto letters = std::exchange(letters_, {});
    const auto places = std::exchange(places_, {});
    const auto outcomes = into_.replay(letters);
    if (!outcomes)
      return tl::unexpected(explain(outcomes.error()));
    std::vector<letter_place> done;
    for (std::size_t index = 0; index < letters.size(); ++index)
      if (count(letters[index], (*outcomes)[index]))
        done.insert(done.end(), places[index].begin(), places[index].end());
    if (const auto noted = from_.note_replayed(done); !noted)
      return tl::unexpected("letters were replayed, but that could not be "
                            "noted on the dead-letter topic: "
                            + noted.error()
                            + "; a repetition finds their rows");
    return {};
  }

private:
  /// Whether the letter is done with.
  bool count(const kafka::dead_letter& letter, const replayed_letter& outcome) {
    using result = replayed_letter::result;
    switch (outcome.what) {
    case result::written:
      ++counts_.written[letter.table];
      return true;
    case result::found:
      ++counts_.found;
      return true;
    case result::ignored:
      ++counts_.ignored;
      return true;
    case result::stays:
      break;
    }
    counts_.stays.emplace_back(id_of(letter), outcome.reason);
    return false;
  }

  dlq_topic& from_;
  letter_replayer& into_;
  tally& counts_;
  std::vector<kafka::dead_letter> letters_;
  std::vector<std::vector<letter_place>> places_;
};

void print_json(const tally& counts) {
  nlohmann::ordered_json result;
  result["written"] = counts.written;
  result["found"] = counts.found;
  result["ignored"] = counts.ignored;
  result["stay"] = nlohmann::ordered_json::array();
  for (const auto& [id, reason] : counts.stays)
    result["stay"].push_back({{"topic", id.where.topic},
                              {"partition", id.where.partition},
                              {"offset", id.offset},
                              {"epoch", id.epoch},
                              {"table", id.table},
                              {"reason", reason}});
  std::cout << result.dump(-1, ' ', false,
                           nlohmann::ordered_json::error_handler_t::replace)
            << '\n';
}

std::string counted(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " letter" : " letters");
}

void print_text(const tally& counts) {
  for (const auto& [table, count] : counts.written)
    std::cout << "replayed " << counted(count) << " into " << table << '\n';
  if (counts.found > 0)
    std::cout << "the rows of " << counted(counts.found)
              << " were there already\n";
  if (counts.ignored > 0)
    std::cout << counted(counts.ignored) << " make no row with this topology\n";
  if (counts.written.empty() && counts.found == 0 && counts.ignored == 0)
    std::cout << "nothing was replayed\n";
  for (const auto& [id, reason] : counts.stays)
    note(to_string(id) + " stays: " + reason);
}

/// Replays `letters`, which are ordered by record; each table's own order is
/// kept.
tl::expected<void, std::string>
replay_all(const std::map<letter_id, listed_letter>& letters,
           const topology_file& topology, clickhouse::client& on,
           dlq_topic& topic, tally& counts) {
  const auto& what = topology.what;
  for (const auto& [name, layout] : topology.tables) {
    letter_replayer into{on, what.pipeline, what.clickhouse.database, layout,
                         [](std::chrono::milliseconds wait) {
                           std::this_thread::sleep_for(wait);
                         }};
    table_replay table{topic, into, counts};
    tl::expected<void, std::string> done;
    for (const auto& [id, listed] : letters)
      if (done && id.table == name)
        done = table.add(id, listed);
    if (done)
      done = table.finish();
    if (!done)
      return tl::unexpected("table " + name + ": " + done.error());
  }
  for (const auto& [id, listed] : letters)
    if (!topology.tables.contains(id.table))
      counts.stays.emplace_back(id, "its table is not in the topology");
  return {};
}

int replay(dlq_arguments arguments) {
  auto read = read_letters(arguments);
  if (!read)
    return read.error();
  auto& [topology, topic, index] = *read;
  const auto access =
      find_clickhouse(topology.what, arguments.data, if_missing::refuse);
  if (!access)
    return fail(access.error());
  const auto client = access->connect(topology.what.clickhouse.database);
  tally counts;
  const auto done = replay_all(index.outstanding(arguments.choice), topology,
                               *client, topic, counts);
  if (arguments.json)
    print_json(counts);
  else
    print_text(counts);
  if (!done)
    return fail(done.error()
                + "; what is not told above is still a dead "
                  "letter: run the command again");
  return counts.stays.empty() ? exit_ok : exit_failure;
}

} // namespace

void add_dlq_replay(CLI::App& to, action& chosen) {
  auto arguments = std::make_shared<dlq_arguments>();
  auto* verb = to.add_subcommand(
      "replay", "put dead letters into their tables, each exactly once");
  verb->footer(
      "After the cause is mended: each original record is decoded with the "
      "topology as it is\nnow and inserted as what it was, with its own "
      "_partition, _offset and _version; an old\nrecord never beats a newer "
      "one. What was replayed is noted on the dead-letter topic;\nhowever "
      "often the command runs, and whenever it is killed, each record stands "
      "once.\nWhat still makes no row stays, is told with its reason, and "
      "makes the exit code 1.\n\n"
      "  sluice dlq replay config/commerce.yaml --table users --reason "
      "out_of_range");
  add_dlq_arguments(*verb, *arguments);
  verb->callback([&chosen, arguments] {
    chosen = [arguments] { return replay(*arguments); };
  });
}

} // namespace sluice::cli
