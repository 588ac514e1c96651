#include "topology/names.hpp"
#include "topology/read_sections.hpp"

namespace sluice::topology {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t port_max = 65'535;

void read_address(const fields& values, clickhouse& into) {
  if (const auto url = values.text("url", "an address or 'embedded'")) {
    if (const auto wrong = url_mistake(url->text))
      values.complain("url", *wrong);
    into.url = url->text;
    if (into.url.ends_with('/'))
      into.url.pop_back();
  }
  if (const auto database = values.text("database", "a database's name")) {
    if (const auto wrong = database_name_mistake(database->text))
      values.complain("database", *wrong);
    into.database = database->text;
  }
}

} // namespace

void read_clickhouse(const entry& child, clickhouse& into,
                     const reading& context) {
  const auto* map = read_map(child, "'clickhouse'", true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::clickhouse, "'clickhouse'",
                      context.found};
  read_address(values, into);
  if (auto user = values.text("user"))
    into.user = std::move(user->text);
  if (auto password = values.secret("password", context.directory))
    into.password = std::move(password->text);
  if (const auto file = values.text("ca_file", "a path"))
    into.ca_file = (context.directory / file->text).string();
  if (const auto index = values.word("compression", word_lists::compression))
    into.compression = word_lists::compression.words[*index];
  values.read_duration("connect_timeout", into.connect_timeout,
                       {100ms, 10min, {}});
  values.read_duration("request_timeout", into.request_timeout,
                       {1s, 24h, "an INSERT of a whole cut must fit in"});
  values.read_count("embedded_port", into.embedded_port,
                    {0, port_max, "0 takes any free port"});
}

void read_status(const entry& child, status& into, const reading& context) {
  const auto* map = read_map(child, "'status'", true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::status, "'status'",
                      context.found};
  if (auto host = values.text("host", "an address to listen on"))
    into.host = std::move(host->text);
  values.read_count("port", into.port, {0, port_max, "0 takes any free port"});
}

} // namespace sluice::topology
