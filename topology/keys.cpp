#include "topology/keys.hpp"

#include <array>

namespace sluice::topology {

namespace {

using sv = std::string_view;

constexpr std::array<sv, 8> root_keys{"pipeline", "kafka",  "clickhouse",
                                      "status",   "tuning", "recovery",
                                      "tables",   "gold"};
constexpr std::array<sv, 2> root_required{"pipeline", "tables"};
constexpr std::array<sv, 3> root_later{"registry", "tenants", "sources"};

constexpr std::array<sv, 5> kafka_keys{"brokers", "group", "dead_letter_topic",
                                       "properties", "embedded"};
constexpr std::array<sv, 1> kafka_embedded_keys{"partitions"};

constexpr std::array<sv, 9> clickhouse_keys{"url",
                                            "database",
                                            "user",
                                            "password",
                                            "ca_file",
                                            "compression",
                                            "connect_timeout",
                                            "request_timeout",
                                            "embedded_port"};

constexpr std::array<sv, 2> status_keys{"host", "port"};

constexpr std::array<sv, 10> tuning_keys{
    "cut_bytes",      "cut_rows",           "flush",
    "cuts_in_flight", "credit_bytes",       "writers",
    "memory",         "inserts_per_second", "node_inserts_per_second",
    "gold_runs"};

constexpr std::array<sv, 4> recovery_keys{"silver_ahead", "records_lost",
                                          "topic_replaced", "partitions_added"};

constexpr std::array<sv, 12> table_keys{
    "topic",  "format",       "mode", "key",      "order_by", "columns",
    "engine", "partition_by", "ttl",  "settings", "filter",   "start"};
constexpr std::array<sv, 2> table_required{"topic", "columns"};
constexpr std::array<sv, 4> table_later{"version", "ignore", "tenant",
                                        "toast_without_base"};

constexpr std::array<sv, 7> column_keys{
    "type", "from", "unit", "raw", "on_invalid", "computed", "constant"};
constexpr std::array<sv, 1> column_required{"type"};

constexpr std::array<sv, 16> gold_keys{
    "window", "timezone", "trigger",    "refresh",  "debounce", "max_staleness",
    "after",  "children", "dimensions", "catchup",  "key",      "columns",
    "sql",    "retry",    "timeout",    "partition"};
constexpr std::array<sv, 4> gold_required{"window", "key", "columns", "sql"};

constexpr std::array<sv, 9> window_keys{"every",  "hop",      "over",
                                        "start",  "lateness", "idle",
                                        "oldest", "ahead",    "outside"};
constexpr std::array<sv, 2> window_required{"every", "over"};
constexpr std::array<sv, 2> retry_keys{"attempts", "delay"};
constexpr std::array<sv, 3> join_keys{"on", "appears", "changes"};
constexpr std::array<sv, 1> join_required{"on"};

constexpr std::array<sv, 3> compression_words{"none", "lz4", "zstd"};
constexpr std::array<sv, 2> format_words{"debezium-json", "debezium-mongodb"};
constexpr std::array<sv, 8> format_later{
    "debezium-avro", "debezium-protobuf", "json",    "avro",
    "protobuf",      "canonical",         "maxwell", "canal"};
constexpr std::array<sv, 2> mode_words{"latest", "append"};
constexpr std::array<sv, 1> mode_later{"history"};
constexpr std::array<sv, 3> on_invalid_words{"reject", "null", "clamp"};
constexpr std::array<sv, 6> unit_words{"auto", "s", "ms", "us", "ns", "days"};
constexpr std::array<sv, 3> silver_ahead_words{"stop", "skip_existing",
                                               "new_epoch"};
constexpr std::array<sv, 2> stop_or_continue{"stop", "continue"};
constexpr std::array<sv, 2> stop_or_new_epoch{"stop", "new_epoch"};
constexpr std::array<sv, 2> on_join_words{"rerun", "next_run"};
constexpr std::array<sv, 2> outside_words{"count", "quarantine"};
constexpr std::array<sv, 2> partition_words{"window", "month"};

constexpr std::array<sv, 5> record_field_names{"@offset", "@partition",
                                               "@timestamp", "@key", "@op"};

} // namespace

namespace sections {
const section root{"", root_keys, root_required, root_later};
const section kafka{"kafka", kafka_keys, {}, {}};
const section kafka_embedded{"kafka.embedded", kafka_embedded_keys, {}, {}};
const section clickhouse{"clickhouse", clickhouse_keys, {}, {}};
const section status{"status", status_keys, {}, {}};
const section tuning{"tuning", tuning_keys, {}, {}};
const section recovery{"recovery", recovery_keys, {}, {}};
const section table{"tables.*", table_keys, table_required, table_later};
const section column{"tables.*.columns.*", column_keys, column_required, {}};
const section gold{"gold.*", gold_keys, gold_required, {}};
const section gold_window{"gold.*.window", window_keys, window_required, {}};
const section gold_retry{"gold.*.retry", retry_keys, {}, {}};
const section gold_child{"gold.*.children.*", join_keys, join_required, {}};
const section gold_dimension{
    "gold.*.dimensions.*", join_keys, join_required, {}};
} // namespace sections

namespace word_lists {
const word_list compression{"clickhouse.compression", compression_words, {}};
const word_list format{"tables.*.format", format_words, format_later};
const word_list mode{"tables.*.mode", mode_words, mode_later};
const word_list on_invalid{
    "tables.*.columns.*.on_invalid", on_invalid_words, {}};
const word_list unit{"tables.*.columns.*.unit", unit_words, {}};
const word_list silver_ahead{"recovery.silver_ahead", silver_ahead_words, {}};
const word_list records_lost{"recovery.records_lost", stop_or_continue, {}};
const word_list topic_replaced{
    "recovery.topic_replaced", stop_or_new_epoch, {}};
const word_list partitions_added{
    "recovery.partitions_added", stop_or_continue, {}};
const word_list outside{"gold.*.window.outside", outside_words, {}};
const word_list partition{"gold.*.partition", partition_words, {}};
const word_list child_appears{"gold.*.children.*.appears", on_join_words, {}};
const word_list child_changes{"gold.*.children.*.changes", on_join_words, {}};
const word_list dimension_appears{
    "gold.*.dimensions.*.appears", on_join_words, {}};
const word_list dimension_changes{
    "gold.*.dimensions.*.changes", on_join_words, {}};
} // namespace word_lists

std::span<const section* const> all_sections() {
  static constexpr std::array<const section*, 14> all{
      &sections::root,           &sections::kafka,
      &sections::kafka_embedded, &sections::clickhouse,
      &sections::status,         &sections::tuning,
      &sections::recovery,       &sections::table,
      &sections::column,         &sections::gold,
      &sections::gold_window,    &sections::gold_retry,
      &sections::gold_child,     &sections::gold_dimension};
  return all;
}

std::span<const word_list* const> all_word_lists() {
  static constexpr std::array<const word_list*, 15> all{
      &word_lists::compression,
      &word_lists::format,
      &word_lists::mode,
      &word_lists::on_invalid,
      &word_lists::unit,
      &word_lists::silver_ahead,
      &word_lists::records_lost,
      &word_lists::topic_replaced,
      &word_lists::partitions_added,
      &word_lists::outside,
      &word_lists::partition,
      &word_lists::child_appears,
      &word_lists::child_changes,
      &word_lists::dimension_appears,
      &word_lists::dimension_changes};
  return all;
}

std::span<const std::string_view> record_fields() { return record_field_names; }

} // namespace sluice::topology
