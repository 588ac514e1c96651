#include "clickhouse/server/request_handler.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "clickhouse/embedded_statement.hpp"
#include "clickhouse/server/reply_mapping.hpp"

namespace sluice::clickhouse::server {

namespace {

constexpr std::string_view exception_tag = "sluiceexception0";

/// ClickHouse's defaults of a session; see embedded_engine::connect.
constexpr std::string_view restored_defaults =
    "SET implicit_select = 0, async_insert = 0";

std::string random_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  thread_local std::mt19937_64 random{std::random_device{}()};
  std::string result = "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx";
  for (char& c : result)
    if (c == 'x')
      c = digits[random() % digits.size()];
  return result;
}

bool has(const settings& options, std::string_view name) {
  return std::any_of(options.begin(), options.end(),
                     [&](const auto& option) { return option.first == name; });
}

/// What a GET may say within a session, whose connection cannot be made
/// read-only for one statement.
bool only_reads(const statement_shape& shape) {
  constexpr std::array<std::string_view, 9> keywords{
      "SELECT",  "WITH",   "SHOW", "DESCRIBE", "DESC",
      "EXPLAIN", "EXISTS", "USE",  "SET"};
  return std::find(keywords.begin(), keywords.end(), shape.keyword)
         != keywords.end();
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

struct request_handler::lease {
  std::unique_ptr<engine_connection> own;
  std::shared_ptr<session> shared;

  [[nodiscard]] engine_connection& connection() const {
    return shared != nullptr ? *shared->connection : *own;
  }
};

request_handler::request_handler(std::shared_ptr<embedded_home> home,
                                 server_identity identity)
    : home_(std::move(home)), identity_(std::move(identity)) {
  // nop
}

void request_handler::handle(const http_request& request, http_body& body,
                             http_reply& reply) {
  const http_headers text{{"Content-Type", "text/plain; charset=UTF-8"}};
  const bool is_query_path = request.path == "/" || request.path == "/query";
  if (request.path == "/ping" || request.path == "/replicas_status"
      || (is_query_path && request.method != "POST"
          && request.parameter("query").empty())) {
    reply.send(200, text, "Ok.\n");
  } else if (!is_query_path) {
    reply.send(404, text,
               "There is no handle " + request.path
                   + "\n\nUse / or /ping for health checks.\nSend queries from "
                     "your program with POST method or GET /?query=...\n");
  } else if (request.method != "POST" && request.method != "GET"
             && request.method != "HEAD") {
    reply.send(501, text, "Only GET, HEAD and POST are served.\n");
  } else if (request.method == "POST" && !request.is_chunked()
             && !request.content_length()) {
    reply.send(411, text,
               exception_text(381, "HTTP_LENGTH_REQUIRED",
                              "The request has neither Content-Length nor "
                              "chunks")
                   + "\n");
  } else {
    handle_query(request, body, reply);
  }
}

void request_handler::handle_query(const http_request& request, http_body& body,
                                   http_reply& reply) {
  auto options = options_of(request, body);
  if (!options)
    return answer_error(random_id(), options.error(), reply);
  if (options->query_id.empty())
    options->query_id = random_id();
  auto input = receive(*options, body);
  if (!input)
    return answer_error(options->query_id, input.error(), reply);
  auto leased = connect(*options);
  if (!leased)
    return answer_error(options->query_id, leased.error(), reply);
  bool succeeded = false;
  auto refused = leased->shared != nullptr && options->is_readonly
                         && !only_reads(input->shape)
                     ? exception_text(164, "READONLY",
                                      "Cannot execute query in readonly mode; "
                                      "use POST to modify data")
                     : prepare(*options, *leased);
  if (refused.empty()) {
    {
      std::lock_guard guard{mutex_};
      running_.insert(options->query_id);
    }
    answer(*options, *input, leased->connection(), reply, succeeded);
    std::lock_guard guard{mutex_};
    running_.erase(running_.find(options->query_id));
  } else {
    answer_error(options->query_id, refused, reply);
  }
  restore(*options, *input, succeeded, *leased);
}

tl::expected<query_options, std::string>
request_handler::options_of(const http_request& request, http_body& body) {
  settings form;
  const auto type = request.header("content-type");
  if (type.starts_with("multipart/form-data")) {
    auto text = receive_text(body);
    if (!text)
      return tl::unexpected(text.error());
    auto fields = parse_form(type, *text);
    if (!fields)
      return tl::unexpected(fields.error());
    form = std::move(*fields);
  }
  return read_options(request, form);
}

tl::expected<request_handler::lease, std::string>
request_handler::connect(const query_options& options) {
  lease result;
  if (options.session_id.empty()) {
    auto opened = home_->engine()->connect();
    if (!opened)
      return tl::unexpected(opened.error());
    result.own = std::move(*opened);
    return result;
  }
  auto session =
      sessions_.acquire(options.session_id, options.must_have_session);
  if (!session)
    return tl::unexpected(session.error());
  result.shared = *session;
  result.shared->timeout = options.session_timeout;
  if (result.shared->connection == nullptr) {
    auto opened = home_->engine()->connect();
    if (!opened) {
      sessions_.release(options.session_id, true);
      return tl::unexpected(opened.error());
    }
    result.shared->connection = std::move(*opened);
    result.shared->database = home_->database();
  }
  return result;
}

std::string request_handler::prepare(const query_options& options,
                                     lease& leased) {
  auto& connection = leased.connection();
  const auto& usual =
      leased.shared != nullptr ? leased.shared->database : home_->database();
  const auto& database = options.database.empty() ? usual : options.database;
  auto used = connection.run({.sql = "USE " + quoted_name(database)});
  if (!used.error().empty())
    return used.error();
  auto all = options.options;
  // libchdb gives queries ids of its own; this is where to find ours.
  if (!has(all, "log_comment"))
    all.emplace_back("log_comment", options.query_id);
  if (options.is_readonly && leased.shared == nullptr && !has(all, "readonly"))
    all.emplace_back("readonly", "2");
  return connection.run({.sql = "SET " + settings_list(all)}).error();
}

void request_handler::restore(const query_options& options,
                              const statement_input& input, bool succeeded,
                              lease& leased) {
  if (leased.shared == nullptr)
    return;
  auto& one = *leased.shared;
  bool is_sound = true;
  auto run = [&](const std::string& sql) {
    is_sound = is_sound && one.connection->run({.sql = sql}).error().empty();
  };
  if (succeeded && input.shape.keyword == "SET")
    one.set_statements.push_back(input.sql);
  if (succeeded && input.shape.keyword == "USE") {
    auto now = one.connection->run(
        {.sql = "SELECT currentDatabase()", .format = "TabSeparatedRaw"});
    one.database = now.bytes().substr(0, now.bytes().find('\n'));
  }
  std::string defaults = "SET log_comment = DEFAULT";
  for (const auto& [name, value] : options.options)
    if (name != "log_comment")
      defaults += ", " + name + " = DEFAULT";
  run(defaults);
  run(std::string{restored_defaults});
  for (const auto& statement : one.set_statements)
    run(statement);
  // A connection that cannot be put back (readonly = 1) must not be reused.
  sessions_.release(options.session_id, options.closes_session || !is_sound);
}

void request_handler::answer(const query_options& options,
                             const statement_input& input,
                             engine_connection& connection, http_reply& reply,
                             bool& succeeded) {
  const auto& shape = input.shape;
  const bool is_select = shape.keyword == "SELECT" || shape.keyword == "WITH";
  const auto format = output_format(options, input);
  if (is_select && !shape.has_totals && !options.waits_for_end
      && !has(options.options, "extremes") && joins_by_chunk(format)
      && answer_by_stream(options, input, connection, reply, succeeded))
    return;
  auto result = connection.run(
      {.sql = input.sql, .format = format, .parameters = &options.parameters});
  if (!result.error().empty())
    return answer_error(options.query_id, result.error(), reply);
  succeeded = true;
  auto counts = result.counts();
  auto headers = result_headers(options, input);
  headers.emplace_back("X-ClickHouse-Summary",
                       summary(counts, result.bytes().size()));
  send_result(reply, std::move(headers), options.reply_coding, result.bytes());
}

bool request_handler::answer_by_stream(const query_options& options,
                                       const statement_input& input,
                                       engine_connection& connection,
                                       http_reply& reply, bool& succeeded) {
  if (connection.start({.sql = input.sql,
                        .format = output_format(options, input),
                        .parameters = &options.parameters}))
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
      answer_error(options.query_id, begun.back().error(), reply);
      return true;
    }
    counts += begun.back().counts();
    bytes += begun.back().bytes().size();
  }
  auto headers = result_headers(options, input);
  headers.emplace_back("X-ClickHouse-Summary", summary(counts, bytes));
  if (is_last) {
    succeeded = true;
    std::string all;
    for (const auto& chunk : begun)
      all += chunk.bytes();
    send_result(reply, std::move(headers), options.reply_coding, all);
    return true;
  }
  const auto coding = options.reply_coding;
  if (coding != content_coding::identity
      && coding != content_coding::native_blocks)
    headers.emplace_back("Content-Encoding", coding_name(coding));
  auto encoder = make_encoder(coding);
  const byte_sink sink = [&](std::string_view piece) {
    return reply.write(piece);
  };
  bool is_sent = reply.begin(200, headers);
  for (const auto& chunk : begun)
    is_sent = is_sent && encoder->feed(chunk.bytes(), sink);
  begun.clear();
  if (is_sent && stream_rest(connection, *encoder, sink)
      && encoder->finish(sink)) {
    succeeded = true;
    reply.end();
  } else {
    connection.cancel();
    reply.abandon();
  }
  return true;
}

bool request_handler::stream_rest(engine_connection& connection,
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
    const std::string tag{exception_tag};
    const auto text = chunk.error() + " (version " + identity_.version + ")";
    const auto told = "\r\n__exception__\r\n" + tag + "\r\n" + text + "\n"
                      + std::to_string(text.size() + 1) + " " + tag
                      + "\r\n__exception__\r\n";
    // The reply stays without its end in any case.
    (void)(encoder.feed(told, sink) && encoder.finish(sink));
    return false;
  }
  return true;
}

void request_handler::answer_error(const std::string& query_id,
                                   std::string text, http_reply& reply) const {
  const int code = exception_code(text);
  if (text.find(" (version ") == std::string::npos)
    text += " (version " + identity_.version + ")";
  auto headers = common_headers(query_id);
  headers.emplace_back("Content-Type", "text/plain; charset=UTF-8");
  headers.emplace_back("X-ClickHouse-Exception-Code", std::to_string(code));
  reply.send(http_status(code), headers, text + "\n");
}

http_headers
request_handler::common_headers(const std::string& query_id) const {
  // A header must not carry a line end that a client put into its id.
  auto id = query_id;
  std::erase_if(id, [](char c) { return static_cast<unsigned char>(c) < ' '; });
  return {{"X-ClickHouse-Server-Display-Name", identity_.display_name},
          {"X-ClickHouse-Query-Id", id},
          {"X-ClickHouse-Timezone", identity_.timezone}};
}

http_headers
request_handler::result_headers(const query_options& options,
                                const statement_input& input) const {
  const auto format = output_format(options, input);
  auto headers = common_headers(options.query_id);
  headers.emplace_back("Content-Type", content_type(format));
  headers.emplace_back("X-ClickHouse-Format", format);
  headers.emplace_back("X-ClickHouse-Exception-Tag", exception_tag);
  return headers;
}

void request_handler::cancel_all() {
  std::string ids;
  {
    std::lock_guard guard{mutex_};
    for (const auto& id : running_)
      ids += (ids.empty() ? "" : ", ") + quoted_text(id);
  }
  if (ids.empty())
    return;
  // Best effort: a query that cannot be killed is waited for.
  if (auto connection = home_->engine()->connect())
    (void)(*connection)
        ->run({.sql = "KILL QUERY WHERE Settings['log_comment'] IN (" + ids
                      + ") ASYNC"});
}

} // namespace sluice::clickhouse::server
