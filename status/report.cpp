#include "status/report.hpp"

#include <array>
#include <cstdio>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "status/age.hpp"

namespace sluice::status {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::array health_states = {
    health_state::starting, health_state::running, health_state::degraded,
    health_state::stopping};
constexpr std::array partition_states = {
    partition_state::recovering, partition_state::running,
    partition_state::throttled, partition_state::draining,
    partition_state::stopped};
constexpr std::array table_states = {table_state::running,
                                     table_state::retrying, table_state::paused,
                                     table_state::stopped};

/// A member that is there but cannot be what it should be.
struct malformed {
  std::string reason;
};

/// Moves every member of a struct into a JSON object. The same description of a
/// struct (`describe` below) drives writer and reader, so that they agree.
class writer {
public:
  template <class Value>
  void member(const char* name, const Value& value) {
    to[name] = encode(value);
  }
  json to = json::object();

private:
  template <class Value>
  static json encode(const Value& value);
};

class reader {
public:
  explicit reader(const json& object) : from(object) {
    if (!from.is_object())
      throw malformed{"an object was expected"};
  }
  template <class Value>
  void member(const char* name, Value& value) {
    const auto found = from.find(name);
    if (found == from.end() || found->is_null())
      return;
    try {
      decode(*found, value);
    } catch (const json::exception&) {
      throw malformed{"member '" + std::string(name) + "' has a wrong type"};
    } catch (const malformed& inner) {
      throw malformed{"member '" + std::string(name) + "': " + inner.reason};
    }
  }
  const json& from;

private:
  template <class Value>
  static void decode(const json& text, Value& value);
};

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, health>
void describe(Io& io, Of& of) {
  io.member("state", of.state);
  io.member("reasons", of.reasons);
}

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, node_info>
void describe(Io& io, Of& of) {
  io.member("id", of.id);
  io.member("version", of.version);
  io.member("pipeline", of.pipeline);
  io.member("topology_file", of.topology_file);
  io.member("pid", of.pid);
  io.member("started", of.started);
  io.member("kafka_brokers", of.kafka_brokers);
  io.member("clickhouse_url", of.clickhouse_url);
  io.member("clickhouse_port", of.clickhouse_port);
  io.member("status_url", of.status_url);
  io.member("data_directory", of.data_directory);
}

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, held_table>
void describe(Io& io, Of& of) {
  io.member("table", of.table);
  io.member("frontier", of.frontier);
  io.member("state", of.state);
  io.member("reason", of.reason);
}

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, partition_report>
void describe(Io& io, Of& of) {
  io.member("topic", of.topic);
  io.member("partition", of.partition);
  io.member("state", of.state);
  io.member("position", of.position);
  io.member("committed", of.committed);
  io.member("log_end", of.log_end);
  io.member("lag", of.lag);
  io.member("in_flight_bytes", of.in_flight_bytes);
  io.member("reason", of.reason);
  io.member("held", of.held);
  io.member("retention_left", of.retention_left);
}

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, table_report>
void describe(Io& io, Of& of) {
  io.member("name", of.name);
  io.member("state", of.state);
  io.member("rows_written", of.rows_written);
  io.member("dead_letters", of.dead_letters);
  io.member("ignored", of.ignored);
  io.member("blocks_in_flight", of.blocks_in_flight);
  io.member("last_write", of.last_write);
  io.member("reason", of.reason);
}

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, window_report>
void describe(Io& io, Of& of) {
  io.member("gold", of.gold);
  io.member("start", of.start);
  io.member("end", of.end);
  io.member("state", of.state);
  io.member("attempt", of.attempt);
  io.member("rows", of.rows);
  io.member("last_run", of.last_run);
  io.member("next_run", of.next_run);
  io.member("error", of.error);
}

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, gold_report>
void describe(Io& io, Of& of) {
  io.member("name", of.name);
  io.member("next_firing", of.next_firing);
  io.member("watermark", of.watermark);
  io.member("dirty", of.dirty);
  io.member("windows", of.windows);
}

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, restart_report>
void describe(Io& io, Of& of) {
  io.member("actor", of.actor);
  io.member("restarts", of.restarts);
  io.member("last_reason", of.last_reason);
  io.member("last", of.last);
  io.member("next", of.next);
}

template <class Io, class Of>
  requires std::is_same_v<std::remove_const_t<Of>, report>
void describe(Io& io, Of& of) {
  io.member("at", of.at);
  io.member("node", of.node);
  io.member("health", of.health);
  io.member("partitions", of.partitions);
  io.member("tables", of.tables);
  io.member("golds", of.golds);
  io.member("restarts", of.restarts);
}

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class Value>
json writer::encode(const Value& value) {
  if constexpr (std::is_same_v<Value, instant>) {
    // Milliseconds: what every language can compute with.
    return value.time_since_epoch().count();
  } else if constexpr (std::is_same_v<Value, milliseconds>) {
    return value.count();
  } else if constexpr (std::is_enum_v<Value>) {
    return std::string(to_string(value));
  } else if constexpr (is_optional<Value>::value) {
    return value ? encode(*value) : json(nullptr);
  } else if constexpr (is_vector<Value>::value) {
    auto list = json::array();
    for (const auto& element : value)
      list.push_back(encode(element));
    return list;
  } else if constexpr (std::is_arithmetic_v<Value>
                       || std::is_same_v<Value, std::string>) {
    return value;
  } else {
    writer inner;
    describe(inner, value);
    return std::move(inner.to);
  }
}

template <class State, std::size_t Count>
void decode_state(const std::string& text,
                  const std::array<State, Count>& states, State& to) {
  for (const auto state : states) {
    if (to_string(state) == text) {
      to = state;
      return;
    }
  }
  throw malformed{"unknown state '" + text + "'"};
}

template <class Value>
void decode_enum(const std::string& text, Value& value) {
  if constexpr (std::is_same_v<Value, health_state>)
    decode_state(text, health_states, value);
  else if constexpr (std::is_same_v<Value, partition_state>)
    decode_state(text, partition_states, value);
  else
    decode_state(text, table_states, value);
}

template <class Value>
void decode_integer(const json& text, Value& value) {
  if (!text.is_number_integer())
    throw malformed{"a whole number was expected"};
  const auto fits =
      text.is_number_unsigned()
          ? std::in_range<Value>(text.template get<std::uint64_t>())
          : std::in_range<Value>(text.template get<std::int64_t>());
  if (!fits)
    throw malformed{"the number is out of range"};
  value = text.template get<Value>();
}

template <class Value>
void reader::decode(const json& text, Value& value) {
  if constexpr (std::is_same_v<Value, instant>) {
    std::int64_t count = 0;
    decode_integer(text, count);
    value = instant{milliseconds{count}};
  } else if constexpr (std::is_same_v<Value, milliseconds>) {
    std::int64_t count = 0;
    decode_integer(text, count);
    value = milliseconds{count};
  } else if constexpr (std::is_enum_v<Value>) {
    decode_enum(text.get<std::string>(), value);
  } else if constexpr (is_optional<Value>::value) {
    decode(text, value.emplace());
  } else if constexpr (is_vector<Value>::value) {
    if (!text.is_array())
      throw malformed{"an array was expected"};
    value.clear();
    for (const auto& element : text)
      decode(element, value.emplace_back());
  } else if constexpr (std::is_integral_v<Value>) {
    decode_integer(text, value);
  } else if constexpr (std::is_same_v<Value, std::string>) {
    value = text.get<std::string>();
  } else {
    reader inner{text};
    describe(inner, value);
  }
}

} // namespace

std::string_view to_string(health_state state) {
  switch (state) {
  case health_state::starting:
    return "starting";
  case health_state::running:
    return "running";
  case health_state::degraded:
    return "degraded";
  case health_state::stopping:
    return "stopping";
  }
  return "unknown";
}

std::string_view to_string(partition_state state) {
  switch (state) {
  case partition_state::recovering:
    return "recovering";
  case partition_state::running:
    return "running";
  case partition_state::throttled:
    return "throttled";
  case partition_state::draining:
    return "draining";
  case partition_state::stopped:
    return "stopped";
  }
  return "unknown";
}

std::string_view to_string(table_state state) {
  switch (state) {
  case table_state::running:
    return "running";
  case table_state::retrying:
    return "retrying";
  case table_state::paused:
    return "paused";
  case table_state::stopped:
    return "stopped";
  }
  return "unknown";
}

std::string to_string(instant when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{when - day};
  std::array<char, 64> buffer{};
  const auto size = std::snprintf(
      buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count()));
  return {buffer.data(), static_cast<std::size_t>(size)};
}

std::string retention_text(const std::optional<milliseconds>& left) {
  if (!left)
    return "?";
  return left->count() <= 0 ? "nothing" : age_text(*left);
}

bool is_ready(const report& of) {
  return of.health.state == health_state::running
         || of.health.state == health_state::degraded;
}

std::string to_json(const report& of, int indent) {
  writer out;
  out.to["version"] = report_version;
  describe(out, of);
  // Reasons may quote bytes that are no UTF-8; the page must still appear.
  return out.to.dump(indent, ' ', false, json::error_handler_t::replace);
}

tl::expected<report, std::string> from_json(std::string_view text) {
  const auto document = json::parse(text, nullptr, false);
  if (document.is_discarded())
    return tl::unexpected(std::string("the report is not JSON"));
  try {
    report result;
    int version = 0;
    reader in{document};
    in.member("version", version);
    if (version != report_version)
      return tl::unexpected("the report has version " + std::to_string(version)
                            + ", this program reads version "
                            + std::to_string(report_version)
                            + ": use the sluice of the same release");
    describe(in, result);
    return result;
  } catch (const malformed& mistake) {
    return tl::unexpected("the report cannot be read: " + mistake.reason);
  }
}

} // namespace sluice::status
