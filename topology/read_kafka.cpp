#include <algorithm>
#include <array>

#include "topology/names.hpp"
#include "topology/read_sections.hpp"
#include "topology/secret_file.hpp"

namespace sluice::topology {

namespace {

struct refused_property {
  std::string_view name;
  std::string_view reason;
};

/// What exactness rests on, what a key of its own sets, and what only the Java
/// client knows.
constexpr std::array<refused_property, 22> refused_properties{{
    {"bootstrap.servers", "'brokers' sets it"},
    {"metadata.broker.list", "'brokers' sets it"},
    {"group.id", "'group' sets it"},
    {"group.instance.id", "every node of the group would get the same one"},
    {"enable.auto.commit", "Sluice commits an offset only after ClickHouse has "
                           "acknowledged its rows"},
    {"auto.commit.interval.ms", "Sluice commits an offset only after "
                                "ClickHouse has acknowledged its rows"},
    {"enable.auto.offset.store", "Sluice commits an offset only after "
                                 "ClickHouse has acknowledged its rows"},
    {"auto.offset.reset",
     "a position that is lost must be a named condition, never a silent jump"},
    {"partition.assignment.strategy",
     "all nodes must agree on it, and Sluice's hand-over is built for one"},
    {"enable.partition.eof", "Sluice finds a topic's end by itself"},
    {"isolation.level", "Sluice reads committed records only"},
    {"allow.auto.create.topics",
     "a misspelt topic must be a clear mistake, not a new topic"},
    {"transactional.id", "Sluice's transactions are its own"},
    {"enable.idempotence", "a dead letter must be written exactly once"},
    {"acks", "a dead letter must be acknowledged by all in-sync replicas"},
    {"request.required.acks",
     "a dead letter must be acknowledged by all in-sync replicas"},
    {"plugin.library.paths",
     "a topology file must not load code into the process"},
    {"test.mock.num.brokers", "'brokers: embedded' starts the broker inside"},
    {"sasl.jaas.config",
     "it belongs to the Java client; write sasl.username and sasl.password"},
    {"ssl.truststore.location",
     "it belongs to the Java client; write ssl.ca.location (PEM)"},
    {"ssl.keystore.type",
     "it belongs to the Java client; write ssl.certificate.location (PEM)"},
    {"key.deserializer", "it belongs to the Java client; 'format' decodes"},
}};

void read_properties(const entry& child, kafka& into, const reading& context) {
  const auto* map =
      read_map(child, "'properties' in 'kafka'", true, context.found);
  if (map == nullptr)
    return;
  for (const auto& property : map->entries) {
    const auto what = shown(property.key) + " in 'properties' of 'kafka'";
    const auto refused =
        std::find_if(refused_properties.begin(), refused_properties.end(),
                     [&](const auto& one) { return one.name == property.key; });
    if (refused != refused_properties.end()) {
      context.found.add(property.where, what + " cannot be set: "
                                            + std::string{refused->reason});
      continue;
    }
    const bool is_name =
        !property.key.empty()
        && std::all_of(property.key.begin(), property.key.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'
                    || c == '_';
           });
    if (!is_name) {
      context.found.add(property.where,
                        what + " is no name of a librdkafka setting");
      continue;
    }
    if (auto value =
            read_secret(property, what, context.directory, context.found))
      into.properties.emplace(property.key, std::move(value->text));
  }
}

void read_embedded(const entry& child, embedded_broker& into,
                   const reading& context) {
  const std::string of = "'embedded' of 'kafka'";
  const auto* map = read_map(child, of, true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::kafka_embedded, of,
                      context.found};
  values.read_count("partitions", into.partitions,
                    {1, 256, "the embedded broker is one process"});
}

} // namespace

void read_kafka(const entry& child, topology& into, const reading& context) {
  const auto* map = read_map(child, "'kafka'", true, context.found);
  if (map == nullptr)
    return;
  const fields values{*map, child.where, sections::kafka, "'kafka'",
                      context.found};
  auto& kafka = into.kafka;
  if (const auto brokers = values.text("brokers", "host:port or 'embedded'")) {
    if (const auto wrong = brokers_mistake(brokers->text))
      values.complain("brokers", *wrong);
    kafka.brokers = brokers->text;
  }
  if (const auto group = values.text("group")) {
    if (const auto wrong = topic_name_mistake(group->text))
      values.complain("group", *wrong);
    kafka.group = group->text;
  }
  if (const auto topic = values.text("dead_letter_topic", "a topic's name")) {
    if (const auto wrong = topic_name_mistake(topic->text))
      values.complain("dead_letter_topic", *wrong);
    kafka.dead_letter_topic = topic->text;
  }
  if (const auto* properties = values.find("properties"))
    read_properties(*properties, kafka, context);
  if (const auto* embedded = values.find("embedded"))
    read_embedded(*embedded, kafka.embedded, context);
}

} // namespace sluice::topology
