#include "bench/stages.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "bench/change_stream.hpp"
#include "bench/stopwatch.hpp"
#include "cdc/decoder.hpp"
#include "kafka/record.hpp"
#include "silver/ddl.hpp"

namespace sluice::bench {

namespace {

/// As many as the consumer takes from Kafka at once.
constexpr std::uint64_t batch_messages = 1000;
/// Made beforehand and taken in turns: more than a cache holds, as from Kafka.
constexpr std::uint64_t messages_in_memory = 100'000;

using batches = std::vector<kafka::record_batch_ptr>;

tl::expected<batches, std::string> make_batches(const stage_plan& plan) {
  auto stream = make_change_stream(plan.stream, 1);
  if (!stream)
    return tl::unexpected(stream.error());
  batches result;
  const auto count = std::min(plan.messages, messages_in_memory);
  for (std::uint64_t made = 0; made < count;) {
    std::vector<kafka::owned_record> records;
    for (; records.size() < batch_messages && made < count; ++made) {
      const auto what = (*stream)->next();
      kafka::owned_record added;
      added.where = {plan.layout.table.topic, 0};
      added.offset = static_cast<std::int64_t>(made);
      added.key = std::string{what.key};
      added.value = std::string{what.value};
      records.push_back(std::move(added));
    }
    result.push_back(kafka::make_record_batch(std::move(records)));
  }
  return result;
}

/// Decodes `plan.messages` records in blocks of `plan.cut_rows`, and gives each
/// block to `with`, which returns an error text or nothing. `watch` runs while
/// records are decoded.
template <class With>
tl::expected<std::uint64_t, std::string>
decode_all(const stage_plan& plan, const batches& from, stopwatch& watch,
           With with) {
  const auto decoder = cdc::make_decoder(plan.layout);
  silver::block_builder rows{plan.layout.block_columns};
  std::uint64_t done = 0;
  watch.start();
  for (std::size_t at = 0; done < plan.messages; at = (at + 1) % from.size()) {
    for (const auto& each : from[at]->records()) {
      const auto outcome = decoder->decode(each, 0, 0, rows);
      if (outcome.what == cdc::verdict::rejected)
        return tl::unexpected("offset " + std::to_string(each.offset) + ": "
                              + outcome.detail);
    }
    done += from[at]->records().size();
    if (rows.rows() < plan.cut_rows && done < plan.messages)
      continue;
    const auto block = rows.finish();
    watch.stop();
    if (const auto failure = with(*block); !failure.empty())
      return tl::unexpected(failure);
    watch.start();
  }
  watch.stop();
  return done;
}

stage_figures figures(std::string name, std::uint64_t messages,
                      const stopwatch& watch) {
  return {std::move(name), messages, watch.seconds(), watch.cpu_seconds()};
}

void append_value(silver::column_buffer& column, std::uint64_t number) {
  constexpr std::string_view text = "SKU-123456789";
  switch (column.type().width()) {
  case 1:
    column.append(static_cast<std::uint8_t>(number));
    break;
  case 2:
    column.append(static_cast<std::uint16_t>(number));
    break;
  case 4:
    column.append(static_cast<std::uint32_t>(number));
    break;
  case 8:
    column.append(number);
    break;
  case 16:
    column.append(silver::uuid_value{number, number});
    break;
  default:
    column.append_string(text.substr(0, 4 + number % 10));
  }
}

/// Rows of the same types, from numbers that cost nothing to make.
stage_figures build_columns(const stage_plan& plan) {
  silver::block_builder rows{plan.layout.block_columns};
  stopwatch watch;
  watch.start();
  for (std::uint64_t row = 0; row < plan.messages; ++row) {
    for (std::size_t at = 0; at < rows.columns(); ++at)
      append_value(rows.column(at), row);
    rows.commit_row();
    if (rows.rows() == plan.cut_rows)
      static_cast<void>(rows.finish());
  }
  static_cast<void>(rows.finish());
  watch.stop();
  return figures("build columns", plan.messages, watch);
}

clickhouse::insert_request request_for(const stage_plan& plan,
                                       const std::string& database,
                                       const silver::block& block,
                                       std::uint64_t number) {
  clickhouse::insert_request request;
  request.database = database;
  request.table = plan.layout.table.name;
  request.columns = block.names();
  request.structure = block.structure();
  request.pieces = block.pieces();
  request.rows = block.rows();
  request.deduplication_token = "stages/" + std::to_string(number);
  return request;
}

tl::expected<std::string, std::string> ask(clickhouse::client& client,
                                           std::string sql) {
  clickhouse::query_request request;
  request.sql = std::move(sql);
  request.format = "TabSeparated";
  auto answer = client.query(request);
  if (!answer)
    return tl::unexpected(answer.error().message);
  return std::move(*answer);
}

/// Until no merge has run for some looks in a row.
tl::expected<void, std::string> wait_for_merges(clickhouse::client& client) {
  using namespace std::chrono_literals;
  constexpr int quiet_looks = 5;
  for (auto quiet = 0; quiet < quiet_looks;) {
    std::this_thread::sleep_for(200ms);
    const auto running = ask(client, "SELECT count() FROM system.merges");
    if (!running)
      return tl::unexpected(running.error());
    quiet = *running == "0\n" ? quiet + 1 : 0;
  }
  return {};
}

} // namespace

tl::expected<std::vector<stage_figures>, std::string>
measure_computing(const stage_plan& plan) {
  const auto from = make_batches(plan);
  if (!from)
    return tl::unexpected(from.error());
  stopwatch decoding;
  stopwatch encoding;
  std::vector<std::byte> wire;
  const auto done =
      decode_all(plan, *from, decoding, [&](const silver::block& block) {
        wire.resize(block.bytes() + block.bytes() / 16 + 65'536);
        encoding.start();
        std::size_t at = 0;
        for (const auto piece : block.pieces()) {
          wire.resize(std::max(wire.size(), at + piece.size()));
          if (!piece.empty())
            std::memcpy(wire.data() + at, piece.data(), piece.size());
          at += piece.size();
        }
        encoding.stop();
        return std::string{};
      });
  if (!done)
    return tl::unexpected(done.error());
  auto alone = plan;
  alone.messages = *done;
  return std::vector{figures("decode and build columns", *done, decoding),
                     build_columns(alone), figures("encode", *done, encoding)};
}

tl::expected<std::vector<stage_figures>, std::string>
measure_inserting(const stage_plan& plan, clickhouse::client& into,
                  const std::string& database) {
  const auto from = make_batches(plan);
  if (!from)
    return tl::unexpected(from.error());
  const auto table = database + "." + plan.layout.table.name;
  for (const auto& sql : {silver::create_table(plan.layout, database),
                          "SYSTEM STOP MERGES " + table})
    if (const auto done = ask(into, sql); !done)
      return tl::unexpected(done.error());
  stopwatch decoding;
  stopwatch inserting;
  std::uint64_t number = 0;
  const auto done =
      decode_all(plan, *from, decoding, [&](const silver::block& block) {
        inserting.start();
        const auto answer =
            into.insert(request_for(plan, database, block, number++));
        inserting.stop();
        return answer ? std::string{} : answer.error().message;
      });
  if (!done)
    return tl::unexpected(done.error());
  stopwatch merging;
  merging.start();
  if (const auto started = ask(into, "SYSTEM START MERGES " + table); !started)
    return tl::unexpected(started.error());
  if (const auto quiet = wait_for_merges(into); !quiet)
    return tl::unexpected(quiet.error());
  merging.stop();
  return std::vector{figures("insert", *done, inserting),
                     figures("merge", *done, merging)};
}

} // namespace sluice::bench
