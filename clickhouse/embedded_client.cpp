#include "clickhouse/embedded_client.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "clickhouse/embedded_memory_file.hpp"
#include "clickhouse/embedded_statement.hpp"
#include "clickhouse/endpoints.hpp"
#include "clickhouse/insert_statement.hpp"
#include "topology/sql_quoting.hpp"

namespace sluice::clickhouse {

namespace {

// The same limit as topology::clickhouse::request_timeout has by default.
constexpr std::chrono::milliseconds default_timeout{300'000};

std::string seconds(std::chrono::milliseconds duration) {
  std::array<char, 32> text{};
  const double value = std::chrono::duration<double>(duration).count();
  auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

bool has(const settings& options, std::string_view name) {
  return std::any_of(options.begin(), options.end(),
                     [&](const auto& option) { return option.first == name; });
}

/// Messages are one line; ClickHouse's about malformed data have many.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ')
    text.pop_back();
  return text;
}

class embedded_client : public client {
public:
  embedded_client(std::shared_ptr<embedded_engine> engine, std::string database)
      : engine_(std::move(engine)), database_(std::move(database)) {
    // nop
  }

  tl::expected<std::string, error>
  query(const query_request& request) override {
    // A connection of its own: whatever the call sets or uses ends with it.
    auto opened = open(options_of(request));
    if (!opened)
      return tl::unexpected(opened.error());
    auto result = (*opened)->run(
        {.sql = request.sql,
         .format = request.format.empty() ? "TabSeparated" : request.format,
         .parameters = &request.parameters});
    if (!result.error().empty())
      return tl::unexpected(embedded_error(result.error(), false));
    return std::string{result.bytes()};
  }

  tl::expected<void, error> insert(const insert_request& request) override {
    if (auto failed = ready())
      return tl::unexpected(*failed);
    block_.restart();
    bool kept = true;
    for (const auto& piece : request.pieces)
      kept = kept && block_.append(piece);
    if (!kept || !block_.finish())
      return tl::unexpected(error{.what = remedy::retry,
                                  .code = 0,
                                  .outcome_unknown = false,
                                  .message = block_.failure()});
    auto options = insert_settings(request);
    if (!has(options, "max_execution_time"))
      options.emplace_back("max_execution_time", seconds(default_timeout));
    const auto source = file_source(block_.path(), request.structure);
    const auto sql =
        insert_select(request, source) + " SETTINGS " + settings_list(options);
    auto result = connection_->run({.sql = sql});
    if (!result.error().empty())
      return tl::unexpected(embedded_error(result.error(), true));
    return {};
  }

private:
  static settings options_of(const query_request& request) {
    auto options = request.options;
    if (!has(options, "max_execution_time"))
      options.emplace_back("max_execution_time",
                           seconds(request.timeout.count() != 0
                                       ? request.timeout
                                       : default_timeout));
    // libchdb chooses the query's id itself; this is where to find ours.
    if (!request.query_id.empty() && !has(options, "log_comment"))
      options.emplace_back("log_comment", request.query_id);
    return options;
  }

  std::optional<error> ready() {
    if (connection_ != nullptr)
      return std::nullopt;
    auto opened = open({});
    if (!opened)
      return opened.error();
    connection_ = std::move(*opened);
    return std::nullopt;
  }

  tl::expected<std::unique_ptr<engine_connection>, error>
  open(const settings& options) {
    auto opened = engine_->connect();
    if (!opened)
      return tl::unexpected(embedded_error(opened.error(), false));
    std::vector<std::string> preparations{
        "USE " + topology::quote_identifier(database_)};
    if (!options.empty())
      preparations.push_back("SET " + settings_list(options));
    for (const auto& sql : preparations) {
      auto result = (*opened)->run({.sql = sql});
      if (!result.error().empty())
        return tl::unexpected(embedded_error(result.error(), false));
    }
    return std::move(*opened);
  }

  std::shared_ptr<embedded_engine> engine_;
  std::string database_;
  std::unique_ptr<engine_connection> connection_;
  memory_file block_;
};

} // namespace

error embedded_error(const std::string& message, bool is_insert) {
  const int code = exception_code(message);
  return {.what = classify(code, message),
          .code = code,
          .outcome_unknown =
              is_insert && (code == 0 || is_outcome_uncertain(code)),
          .message = one_line(message)};
}

embedded_home::embedded_home(std::shared_ptr<embedded_engine> engine,
                             std::string database)
    : engine_(std::move(engine)), database_(std::move(database)) {
  // nop
}

std::unique_ptr<client> embedded_home::connect() {
  return std::make_unique<embedded_client>(engine_, database_);
}

tl::expected<std::shared_ptr<endpoint>, std::string>
embedded_endpoint(const std::filesystem::path& directory,
                  const std::string& database) {
  auto engine = embedded_engine::open(directory);
  if (!engine)
    return tl::unexpected(engine.error());
  auto connection = (*engine)->connect();
  if (!connection)
    return tl::unexpected(connection.error());
  auto created = (*connection)
                     ->run({.sql = "CREATE DATABASE IF NOT EXISTS "
                                   + topology::quote_identifier(database)});
  if (!created.error().empty())
    return tl::unexpected(one_line(created.error()));
  return std::make_shared<embedded_home>(*engine, database);
}

} // namespace sluice::clickhouse
