#include "clickhouse/server/request_handler.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "clickhouse/embedded_statement.hpp"
#include "clickhouse/server/query_reply.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::clickhouse::server {

namespace {

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

} // namespace

struct request_handler::lease {
  std::unique_ptr<engine_connection> own;
  std::shared_ptr<session> shared;

  [[nodiscard]] engine_connection& connection() const {
    return shared != nullptr ? *shared->connection : *own;
  }
};

/// Lists a query as running as long as it lives.
class request_handler::running_query {
public:
  running_query(request_handler& handler, const std::string& id)
      : handler_(handler), id_(id) {
    const std::lock_guard guard{handler_.mutex_};
    handler_.running_.insert(id_);
  }
  ~running_query() {
    const std::lock_guard guard{handler_.mutex_};
    handler_.running_.erase(handler_.running_.find(id_));
  }
  running_query(const running_query&) = delete;
  running_query& operator=(const running_query&) = delete;

private:
  request_handler& handler_;
  const std::string& id_;
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
  auto read = options_of(request, body);
  auto options = read.value_or(query_options{});
  if (options.query_id.empty())
    options.query_id = random_id();
  query_reply answer{identity_, options, reply};
  if (!read) {
    answer.refuse(read.error());
    return;
  }
  auto input = receive(options, body);
  if (!input) {
    answer.refuse(input.error());
    return;
  }
  auto leased = connect(options);
  if (!leased) {
    answer.refuse(leased.error());
    return;
  }
  try {
    bool succeeded = false;
    if (auto refused = prepare(options, *input, *leased); !refused.empty()) {
      answer.refuse(refused);
    } else {
      const running_query counted{*this, options.query_id};
      succeeded = answer.answer(*input, leased->connection());
    }
    restore(options, *input, succeeded, *leased);
  } catch (...) {
    // Out of memory: the session must not stay locked.
    if (leased->shared != nullptr)
      sessions_.release(options.session_id, true);
    throw;
  }
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
                                     const statement_input& input,
                                     lease& leased) {
  if (leased.shared != nullptr && options.is_readonly
      && !only_reads(input.shape))
    return exception_text(164, "READONLY",
                          "Cannot execute query in readonly mode; use POST to "
                          "modify data");
  // connect() has set one of the two.
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference)
  auto& connection = leased.connection();
  const auto& usual =
      leased.shared != nullptr ? leased.shared->database : home_->database();
  const auto& database = options.database.empty() ? usual : options.database;
  auto used =
      connection.run({.sql = "USE " + topology::quote_identifier(database)});
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

void request_handler::cancel_all() {
  std::string ids;
  {
    const std::lock_guard guard{mutex_};
    for (const auto& id : running_)
      ids += (ids.empty() ? "" : ", ") + topology::quote_literal(id);
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
