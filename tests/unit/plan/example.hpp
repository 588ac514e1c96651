// A small pipeline that the tests of this module share.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "plan/schema.hpp"
#include "topology/read.hpp"

namespace sluice::plan {

inline constexpr const char* example_yaml = R"(pipeline: shop
kafka:
  brokers: kafka-1:9092,kafka-2:9092
  properties:
    security.protocol: SASL_SSL
    sasl.username: reader
    sasl.password: kafka-secret
clickhouse:
  url: https://ch:8443
  database: shop
  user: writer
  password: clickhouse-secret
tables:
  users:
    topic: pg.public.users
    format: debezium-json
    mode: latest
    key: [user_id]
    columns:
      user_id: Int32
      full_name: String
      updated_at: {type: DateTime64(6), unit: us}
      name_length: {type: UInt64, computed: length(full_name)}
      region: {type: String, constant: "'eu'"}
    filter: user_id > 0
  events:
    topic: mongo.shop.events
    format: debezium-mongodb
    mode: append
    order_by: [user_id, timestamp]
    columns:
      event_id: {type: String, from: _id.$oid}
      user_id: Int32
      timestamp: {type: DateTime64(3), from: ts}
      metadata: {type: String, from: metadata, raw: true}
      kafka_offset: {type: Int64, from: "@offset"}
gold:
  activity:
    window: {every: 1 day, over: events.timestamp, lateness: 10 minutes}
    trigger: "@daily"
    key: [user_id]
    columns:
      user_id: Int32
      total_events: UInt64
    sql: |
      SELECT user_id, count() AS total_events FROM events
      WHERE timestamp >= {window_start} AND timestamp < {window_end}
      GROUP BY user_id
)";

inline topology::topology read_example(const std::string& yaml = example_yaml) {
  auto what = topology::read_text(yaml, "shop.yaml", [](const std::string&) {
    return std::optional<std::string>{};
  });
  if (!what) {
    for (const auto& mistake : what.error())
      ADD_FAILURE() << to_string(mistake);
    return {};
  }
  return std::move(*what);
}

inline layouts lay_out_example(const topology::topology& what) {
  auto tables = lay_out(what);
  if (!tables) {
    ADD_FAILURE() << to_string(tables.error().front());
    return {};
  }
  return std::move(*tables);
}

} // namespace sluice::plan
