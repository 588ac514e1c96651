#include "cli/dlq_replayer.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "gold/tab_separated.hpp"
#include "plan/server_check.hpp"
#include "topology/quantity.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::cli {

namespace {

using namespace std::chrono_literals;
using result = replayed_letter::result;

/// Waits between the attempts of one INSERT: half a minute in all.
constexpr std::array<std::chrono::milliseconds, 5> waits = {1s, 2s, 4s, 8s,
                                                            16s};

} // namespace

std::string dlq_token(const std::string& pipeline,
                      const kafka::dead_letter& letter) {
  return pipeline + '/' + letter.table + "/dlq/"
         + kafka::to_string(letter.original.where) + '/'
         + std::to_string(letter.epoch) + '/'
         + std::to_string(letter.original.offset);
}

std::string letters_in_silver_sql(const silver::table_layout& layout,
                                  const std::string& database,
                                  std::span<const kafka::dead_letter> letters) {
  // By partition and epoch, so that the minmax index helps.
  std::map<std::pair<std::int32_t, std::uint16_t>, std::string> offsets;
  for (const auto& letter : letters) {
    auto& list = offsets[{letter.original.where.partition, letter.epoch}];
    list += (list.empty() ? "" : ", ") + std::to_string(letter.original.offset);
  }
  std::string condition;
  for (const auto& [origin, list] : offsets)
    condition +=
        (condition.empty() ? "" : " OR ")
        + ("(_partition = " + std::to_string(origin.first) + " AND _epoch = "
           + std::to_string(origin.second) + " AND _offset IN (" + list + "))");
  return "SELECT DISTINCT _partition, _epoch, _offset FROM "
         + topology::quote_identifier(database) + '.'
         + topology::quote_identifier(layout.table.name) + " WHERE " + condition
         + " SETTINGS final = 0";
}

letter_replayer::letter_replayer(
    clickhouse::client& on, std::string pipeline, std::string database,
    std::shared_ptr<const silver::table_layout> layout,
    std::function<void(std::chrono::milliseconds)> wait)
    : on_{on}, pipeline_{std::move(pipeline)}, database_{std::move(database)},
      layout_{std::move(layout)}, wait_{std::move(wait)},
      decoder_{cdc::make_decoder(*layout_)}, builder_{layout_->block_columns} {}

letter_replayer::identity
letter_replayer::identity_of(const kafka::dead_letter& letter) {
  return {letter.original.where.partition, letter.epoch,
          letter.original.offset};
}

tl::expected<letter_replayer::identities, clickhouse::error>
letter_replayer::ask(std::span<const kafka::dead_letter> letters) {
  const auto answer =
      on_.query({.sql = letters_in_silver_sql(*layout_, database_, letters),
                 .format = "TabSeparated",
                 .parameters = {},
                 .options = {},
                 .query_id = {}});
  if (!answer)
    return tl::unexpected(answer.error());
  identities result;
  for (const auto& row : gold::parse_tab_separated(*answer)) {
    std::array<std::int64_t, 3> numbers{};
    auto good = row.size() == numbers.size();
    for (std::size_t index = 0; good && index < numbers.size(); ++index) {
      const auto number = topology::parse_count(row[index]);
      good = number.has_value();
      numbers[index] = number.value_or(0);
    }
    if (!good) {
      clickhouse::error strange;
      strange.what = clickhouse::remedy::stop;
      strange.message = "ClickHouse answered a question about offsets with "
                        "something else: is this address ClickHouse's?";
      return tl::unexpected(std::move(strange));
    }
    result.insert({numbers[0], numbers[1], numbers[2]});
  }
  return result;
}

bool letter_replayer::shows_every_row() const {
  const auto& table = layout_->table;
  return table.mode == topology::table_mode::append && table.filter.empty()
         && table.ttl.empty();
}

tl::expected<std::vector<replayed_letter>, clickhouse::error>
letter_replayer::replay(std::span<const kafka::dead_letter> letters) {
  std::vector<replayed_letter> outcomes;
  if (letters.empty())
    return outcomes;
  const auto appends = layout_->table.mode == topology::table_mode::append;
  identities there;
  if (appends) {
    auto found = ask(letters);
    if (!found)
      return tl::unexpected(std::move(found.error()));
    there = std::move(*found);
  }
  for (const auto& letter : letters) {
    if (there.contains(identity_of(letter))) {
      outcomes.push_back({result::found, {}});
      continue;
    }
    auto outcome = write(letter);
    if (!outcome)
      return tl::unexpected(std::move(outcome.error()));
    outcomes.push_back(std::move(*outcome));
  }
  const auto is_written = [](const auto& each) {
    return each.what == result::written;
  };
  if (!shows_every_row() || std::ranges::none_of(outcomes, is_written))
    return outcomes;
  // A table that was emptied by hand still knows the tokens of its rows.
  const auto now = ask(letters);
  if (!now)
    return tl::unexpected(now.error());
  for (std::size_t index = 0; index < letters.size(); ++index)
    if (is_written(outcomes[index])
        && !now->contains(identity_of(letters[index])))
      outcomes[index] = {result::stays,
                         "ClickHouse has dropped its row as a repetition of "
                         "one that was deleted since: replay it when the "
                         "table's deduplication window has forgotten it"};
  return outcomes;
}

tl::expected<replayed_letter, clickhouse::error>
letter_replayer::write(const kafka::dead_letter& letter) {
  if (letter.original.where.topic != layout_->table.topic)
    return replayed_letter{result::stays, "its table reads topic "
                                              + layout_->table.topic + " now"};
  const auto batch = kafka::make_record_batch({letter.original});
  const auto outcome =
      decoder_->decode(batch->records().front(),
                       letter.original.where.partition, letter.epoch, builder_);
  switch (outcome.what) {
  case cdc::verdict::rejected:
    return replayed_letter{result::stays,
                           std::string{cdc::to_string(outcome.rejected)} + ": "
                               + outcome.detail};
  case cdc::verdict::ignored:
    return replayed_letter{result::ignored,
                           std::string{cdc::to_string(outcome.ignored)}};
  case cdc::verdict::upserted:
  case cdc::verdict::deleted:
    break;
  }
  return insert(letter);
}

tl::expected<replayed_letter, clickhouse::error>
letter_replayer::insert(const kafka::dead_letter& letter) {
  const auto block = builder_.finish();
  clickhouse::insert_request request;
  request.database = database_;
  request.table = layout_->table.name;
  request.columns = block->names();
  request.structure = block->structure();
  request.pieces = block->pieces();
  request.rows = block->rows();
  request.deduplication_token = dlq_token(pipeline_, letter);
  request.filter = layout_->table.filter;
  if (layout_->deleted_column)
    request.hide_column = layout_->block_columns[*layout_->deleted_column].name;
  for (std::size_t attempt = 0;; ++attempt) {
    auto done = on_.insert(request);
    if (done)
      return replayed_letter{result::written, {}};
    const auto what = done.error().what;
    if (what == clickhouse::remedy::reject)
      return replayed_letter{result::stays,
                             "clickhouse_rejected: "
                                 + plan::plain_words(done.error().message)};
    if (what == clickhouse::remedy::stop || attempt == waits.size())
      return tl::unexpected(std::move(done.error()));
    wait_(waits[attempt]);
  }
}

} // namespace sluice::cli
