#include "topology/names.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "topology/keys.hpp"
#include "topology/nearest.hpp"

namespace sluice::topology {

namespace {

using complaint = std::optional<std::string>;
using sv = std::string_view;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Whether all of `name` are letters, digits or one of `others`.
bool consists_of(sv name, sv others) {
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || others.find(c) != sv::npos;
  });
}

bool contains(std::span<const sv> words, sv word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

complaint identifier_mistake(sv name) {
  constexpr std::size_t characters_max = 127;
  if (name.empty() || name.size() > characters_max || is_digit(name.front())
      || !consists_of(name, "_"))
    return "must consist of letters, digits and '_', not begin with a digit, "
           "and have at most 127 characters";
  return std::nullopt;
}

complaint host_and_port_mistake(sv address, bool port_is_required) {
  sv host = address;
  sv port;
  bool has_port = false;
  if (address.starts_with('[')) {
    const auto close = address.find(']');
    if (close == sv::npos)
      return "has a '[' without ']'";
    host = address.substr(1, close - 1);
    const auto rest = address.substr(close + 1);
    has_port = rest.starts_with(':');
    if (!rest.empty() && !has_port)
      return "has something else than a port after ']'";
    port = has_port ? rest.substr(1) : sv{};
  } else if (const auto colon = address.find(':'); colon != sv::npos) {
    host = address.substr(0, colon);
    port = address.substr(colon + 1);
    has_port = true;
  }
  const bool is_ipv6 = address.starts_with('[');
  if (host.empty() || !consists_of(host, is_ipv6 ? ":.%-" : "-._"))
    return "has no valid host name";
  if (!has_port)
    return port_is_required ? complaint{"has no port"} : std::nullopt;
  unsigned number = 0;
  const auto* end = port.data() + port.size();
  const auto [rest, failure] = std::from_chars(port.data(), end, number);
  if (failure != std::errc{} || rest != end || number < 1 || number > 65535)
    return "has a port that is no number from 1 to 65535";
  return std::nullopt;
}

} // namespace

complaint pipeline_name_mistake(sv name) {
  constexpr std::size_t characters_max = 100;
  if (name.empty() || name.size() > characters_max
      || !(is_letter(name.front()) || is_digit(name.front()))
      || !consists_of(name, "_-."))
    return "must consist of letters, digits, '_', '-' and '.', begin with a "
           "letter or digit, and have at most 100 characters";
  return std::nullopt;
}

complaint topic_name_mistake(sv name) {
  constexpr std::size_t characters_max = 249;
  if (name == "." || name == "..")
    return "must not be '.' or '..'";
  if (name.empty() || name.size() > characters_max || !consists_of(name, "_-."))
    return "must consist of letters, digits, '_', '-' and '.', and have at "
           "most 249 characters, as Kafka wants it";
  return std::nullopt;
}

complaint table_name_mistake(sv name) {
  if (name.starts_with("_sluice"))
    return "must not begin with '_sluice': such tables are Sluice's own";
  return identifier_mistake(name);
}

complaint silver_column_name_mistake(sv name) {
  constexpr std::array<sv, 5> own{"_partition", "_offset", "_epoch", "_version",
                                  "_deleted"};
  constexpr std::array<sv, 3> of_clickhouse{"_row_exists", "_block_number",
                                            "_block_offset"};
  if (contains(own, name))
    return "must not be one of _partition, _offset, _epoch, _version, "
           "_deleted: "
           "Sluice adds these columns itself";
  if (contains(of_clickhouse, name))
    return "must not be one of _row_exists, _block_number, _block_offset: "
           "ClickHouse keeps these names for itself";
  auto wrong = identifier_mistake(name);
  if (wrong)
    *wrong += " (what it is called in the record is told by 'from')";
  return wrong;
}

complaint gold_column_name_mistake(sv name) {
  constexpr std::array<sv, 2> own{"_window", "_run"};
  if (contains(own, name))
    return "must not be one of _window, _run: Sluice adds these columns itself";
  return identifier_mistake(name);
}

complaint database_name_mistake(sv name) {
  constexpr std::array<sv, 3> of_clickhouse{"system", "information_schema",
                                            "INFORMATION_SCHEMA"};
  if (contains(of_clickhouse, name))
    return "must not be one of ClickHouse's own databases";
  constexpr std::size_t characters_max = 127;
  if (name.empty() || name.size() > characters_max || !consists_of(name, "_-"))
    return "must consist of letters, digits, '_' and '-', and have at most 127 "
           "characters";
  return std::nullopt;
}

complaint timezone_name_mistake(sv name) {
  constexpr std::size_t characters_max = 64;
  if (name.empty() || name.size() > characters_max || !consists_of(name, "_-+/")
      || name.starts_with('/'))
    return "must be the name of a time zone such as Europe/Berlin, or UTC";
  return std::nullopt;
}

complaint brokers_mistake(sv brokers) {
  constexpr std::array<sv, 1> embedded{"embedded"};
  if (brokers == embedded[0])
    return std::nullopt;
  if (const auto meant = nearest(brokers, embedded))
    return "must be 'embedded' or host:port[,host:port...]"
           + advice(brokers, embedded);
  if (brokers.find("://") != sv::npos)
    return "must be host:port[,host:port...] without a protocol: "
           "security.protocol under 'properties' chooses that";
  while (true) {
    const auto comma = brokers.find(',');
    auto address = brokers.substr(0, comma);
    while (address.starts_with(' '))
      address.remove_prefix(1);
    while (address.ends_with(' '))
      address.remove_suffix(1);
    if (const auto wrong = host_and_port_mistake(address, true))
      return "must be 'embedded' or host:port[,host:port...], but an address "
             + *wrong;
    if (comma == sv::npos)
      return std::nullopt;
    brokers.remove_prefix(comma + 1);
  }
}

complaint url_mistake(sv url) {
  constexpr std::array<sv, 1> embedded{"embedded"};
  if (url == embedded[0])
    return std::nullopt;
  sv rest = url;
  if (url.starts_with("http://"))
    rest.remove_prefix(7);
  else if (url.starts_with("https://"))
    rest.remove_prefix(8);
  else
    return "must be 'embedded', http://host:port or https://host:port"
           + (nearest(url, embedded) ? advice(url, embedded) : std::string{});
  if (rest.find('@') != sv::npos)
    return "must not hold a user or a password: write them under 'user' and "
           "'password'";
  if (rest.ends_with('/'))
    rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != sv::npos)
    return "must end after host and port: the database has a key of its own, "
           "and settings belong to the user's profile";
  if (const auto wrong = host_and_port_mistake(rest, false))
    return "must be http(s)://host:port, but it " + *wrong;
  return std::nullopt;
}

complaint path_mistake(sv path) {
  constexpr sv header = "@headers.";
  if (path.starts_with('@')) {
    const bool is_header =
        path.starts_with(header) && path.size() > header.size();
    if (is_header || contains(record_fields(), path))
      return std::nullopt;
    if (path == header || path == "@headers")
      return "must name the header: @headers.NAME";
    const auto meant = nearest(path, record_fields());
    return "must be one of @offset, @partition, @timestamp, @key, @op, "
           "@headers.NAME"
           + (meant ? advice(path, record_fields()) : std::string{});
  }
  const bool has_empty_member = path.starts_with('.') || path.ends_with('.')
                                || path.find("..") != sv::npos;
  if (has_empty_member)
    return "must be member names joined by single dots";
  return std::nullopt;
}

} // namespace sluice::topology
