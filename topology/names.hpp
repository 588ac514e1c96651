// What may be called what. Each function returns what is wrong with a name, to
// be put after it ("must ..."), or std::nullopt.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::topology {

/// Letters, digits, "_", "-", "."; begins with a letter or digit; at most 100
/// characters, because topics, groups and tokens are named after it.
[[nodiscard]] std::optional<std::string>
pipeline_name_mistake(std::string_view name);

/// As Kafka has it: letters, digits, "_", "-", "."; 1 to 249 characters; not
/// "." nor "..". (org.apache.kafka.common.internals.Topic)
[[nodiscard]] std::optional<std::string>
topic_name_mistake(std::string_view name);

/// Letters, digits and "_", no digit first, at most 127 characters; not
/// "_sluice...", which are Sluice's own tables.
[[nodiscard]] std::optional<std::string>
table_name_mistake(std::string_view name);

/// Like a table's. Not those that Sluice adds to every silver table, nor those
/// that ClickHouse refuses in a MergeTree.
[[nodiscard]] std::optional<std::string>
silver_column_name_mistake(std::string_view name);

/// Like a table's. Not those that Sluice adds to every gold table.
[[nodiscard]] std::optional<std::string>
gold_column_name_mistake(std::string_view name);

/// Letters, digits, "_", "-"; not one of ClickHouse's own databases.
[[nodiscard]] std::optional<std::string>
database_name_mistake(std::string_view name);

/// An IANA name such as "Europe/Berlin": parts of letters, digits, "_", "-" and
/// "+", joined by "/". Whether there is such a zone is the gold module's
/// affair.
[[nodiscard]] std::optional<std::string>
timezone_name_mistake(std::string_view name);

/// "embedded", or host:port[,host:port...]; IPv6 addresses in brackets.
[[nodiscard]] std::optional<std::string>
brokers_mistake(std::string_view brokers);

/// "embedded", or http(s)://host[:port] with at most a "/" after it. Says
/// nothing of what stands in it, because that may be a password.
[[nodiscard]] std::optional<std::string> url_mistake(std::string_view url);

/// A column's `from:`: one of record_fields(), "@headers.NAME", or member names
/// joined by dots, none empty.
[[nodiscard]] std::optional<std::string> path_mistake(std::string_view path);

} // namespace sluice::topology
