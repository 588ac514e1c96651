#include "clickhouse/server/query_reply.hpp"

#include <algorithm>

#include "clickhouse/server/reply_mapping.hpp"

namespace sluice::clickhouse::server {

namespace {

constexpr std::string_view exception_tag = "sluiceexception0";

bool has(const settings& options, std::string_view name) {
  return std::any_of(options.begin(), options.end(),
                     [&](const auto& option) { return option.first == name; });
}

std::string output_format(const query_options& options,
                          const statement_input& input) {
  if (input.shape.keyword != "INSERT" && !input.shape.format.empty())
    return input.shape.format;
  return options.default_format.empty() ? "TabSeparated"
                                        : options.default_format;
}

std::string summary(const query_counts& counts, std::size_t result_bytes) {
  auto item = [](std::string_view name, std::uint64_t value) {
    return "\"" + std::string{name} + "\":\"" + std::to_string(value) + "\"";
  };
  const auto nanoseconds =
      static_cast<std::uint64_t>(counts.elapsed_seconds * 1e9);
  return "{" + item("read_rows", counts.read_rows) + ","
         + item("read_bytes", counts.read_bytes) + ","
         + item("written_rows", counts.written_rows) + ","
         + item("written_bytes", counts.written_bytes) + ","
         + item("total_rows_to_read", counts.read_rows) + ","
         + item("result_rows", counts.result_rows) + ","
         + item("result_bytes", result_bytes) + ","
         + item("elapsed_ns", nanoseconds) + "}";
}

/// The result of a statement whose length is known, in its coding.
void send_result(http_reply& reply, http_headers headers, content_coding coding,
                 std::string_view bytes) {
  if (coding == content_coding::identity) {
    reply.send(200, headers, bytes);
    return;
  }
  if (coding != content_coding::native_blocks)
    headers.emplace_back("Content-Encoding", coding_name(coding));
  auto encoder = make_encoder(coding);
  const byte_sink sink = [&](std::string_view piece) {
    return reply.write(piece);
  };
  if (!reply.begin(200, headers) || !encoder->feed(bytes, sink)
      || !encoder->finish(sink))
    reply.abandon();
  else
    reply.end();
}

} // namespace

bool query_reply::answer(const statement_input& input,
                         engine_connection& connection) {
  bool succeeded = false;
  const auto& shape = input.shape;
  const bool is_select = shape.keyword == "SELECT" || shape.keyword == "WITH";
  const auto format = output_format(options_, input);
  if (is_select && !shape.has_totals && !options_.waits_for_end
      && !has(options_.options, "extremes") && joins_by_chunk(format)
      && stream(input, connection, succeeded))
    return succeeded;
  auto result = connection.run(
      {.sql = input.sql, .format = format, .parameters = &options_.parameters});
  if (!result.error().empty())
    return refuse(result.error());
  auto headers = headers_of(input);
  headers.emplace_back("X-ClickHouse-Summary",
                       summary(result.counts(), result.bytes().size()));
  send_result(reply_, std::move(headers), options_.reply_coding,
              result.bytes());
  return true;
}

bool query_reply::stream(const statement_input& input,
                         engine_connection& connection, bool& succeeded) {
  if (connection.start({.sql = input.sql,
                        .format = output_format(options_, input),
                        .parameters = &options_.parameters}))
    return false;
  // Two chunks, so that a small result has a length and an early exception its
  // own status.
  bool is_last = false;
  std::vector<engine_result> begun;
  query_counts counts;
  std::size_t bytes = 0;
  while (!is_last && begun.size() < 2) {
    begun.push_back(connection.next(is_last));
    if (!begun.back().error().empty()) {
      refuse(begun.back().error());
      return true;
    }
    counts += begun.back().counts();
    bytes += begun.back().bytes().size();
  }
  auto headers = headers_of(input);
  headers.emplace_back("X-ClickHouse-Summary", summary(counts, bytes));
  if (is_last) {
    succeeded = true;
    std::string all;
    for (const auto& chunk : begun)
      all += chunk.bytes();
    send_result(reply_, std::move(headers), options_.reply_coding, all);
    return true;
  }
  const auto coding = options_.reply_coding;
  if (coding != content_coding::identity
      && coding != content_coding::native_blocks)
    headers.emplace_back("Content-Encoding", coding_name(coding));
  auto encoder = make_encoder(coding);
  const byte_sink sink = [&](std::string_view piece) {
    return reply_.write(piece);
  };
  bool is_sent = reply_.begin(200, headers);
  for (const auto& chunk : begun)
    is_sent = is_sent && encoder->feed(chunk.bytes(), sink);
  begun.clear();
  if (is_sent && stream_rest(connection, *encoder, sink)
      && encoder->finish(sink)) {
    succeeded = true;
    reply_.end();
  } else {
    connection.cancel();
    reply_.abandon();
  }
  return true;
}

bool query_reply::stream_rest(engine_connection& connection,
                              coding_stream& encoder,
                              const byte_sink& sink) const {
  bool is_last = false;
  while (!is_last) {
    auto chunk = connection.next(is_last);
    if (chunk.error().empty()) {
      if (!encoder.feed(chunk.bytes(), sink))
        return false;
      continue;
    }
    // ClickHouse's way to tell of an exception behind the status line.
    const auto text = chunk.error() + " (version " + identity_.version + ")";
    std::string told = "\r\n__exception__\r\n";
    told += exception_tag;
    told += "\r\n" + text + "\n" + std::to_string(text.size() + 1) + " ";
    told += exception_tag;
    told += "\r\n__exception__\r\n";
    // The reply stays without its end in any case.
    (void)(encoder.feed(told, sink) && encoder.finish(sink));
    return false;
  }
  return true;
}

bool query_reply::refuse(std::string text) {
  const int code = exception_code(text);
  if (text.find(" (version ") == std::string::npos)
    text += " (version " + identity_.version + ")";
  auto headers = common_headers();
  headers.emplace_back("Content-Type", "text/plain; charset=UTF-8");
  headers.emplace_back("X-ClickHouse-Exception-Code", std::to_string(code));
  reply_.send(http_status(code), headers, text + "\n");
  return false;
}

http_headers query_reply::common_headers() const {
  // A header must not carry a line end that a client put into its id.
  auto id = options_.query_id;
  std::erase_if(id, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return {{"X-ClickHouse-Server-Display-Name", identity_.display_name},
          {"X-ClickHouse-Query-Id", id},
          {"X-ClickHouse-Timezone", identity_.timezone}};
}

http_headers query_reply::headers_of(const statement_input& input) const {
  const auto format = output_format(options_, input);
  auto headers = common_headers();
  headers.emplace_back("Content-Type", content_type(format));
  headers.emplace_back("X-ClickHouse-Format", format);
  headers.emplace_back("X-ClickHouse-Exception-Tag", exception_tag);
  return headers;
}

} // namespace sluice::clickhouse::server
