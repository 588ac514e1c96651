#include "simulation/workload.hpp"

#include <stdexcept>

namespace sluice::simulation {

namespace {

topology::column int64_column(const std::string& name) {
  topology::column result;
  result.name = name;
  result.type = "Int64";
  result.from = name;
  return result;
}

topology::table make_table(const std::string& name, const std::string& topic,
                           topology::table_mode mode) {
  topology::table result;
  result.name = name;
  result.topic = topic;
  result.mode = mode;
  if (mode == topology::table_mode::latest)
    result.key = {"id"};
  result.columns = {int64_column("id"), int64_column("amount")};
  return result;
}

/// The number behind `name` in a text that this file made.
std::int64_t number_behind(const std::string& text, const std::string& name) {
  return std::stoll(text.substr(text.find(name) + name.size()));
}

constexpr const char* id_name = R"("id":)";
constexpr const char* amount_name = R"("amount":)";
constexpr const char* garbage = "{\"op\":";

} // namespace

topology::topology make_topology() {
  topology::topology result;
  result.pipeline = "simulation";
  result.kafka.group = "simulation";
  result.kafka.dead_letter_topic = "simulation.dlq";
  using topology::table_mode;
  result.tables = {
      make_table("order_events", orders_topic, table_mode::append),
      make_table("orders", orders_topic, table_mode::latest),
      make_table("user_events", users_topic, table_mode::append),
  };
  return result;
}

layouts lay_out(const topology::topology& what) {
  layouts result;
  for (const auto& table : what.tables) {
    auto laid = silver::lay_out(table);
    if (!laid)
      throw std::logic_error{laid.error().front().message};
    result.emplace(table.name, std::make_shared<const silver::table_layout>(
                                   std::move(*laid)));
  }
  return result;
}

kafka::owned_record make_record(random_source& chance, std::int64_t id) {
  const auto key = std::to_string(id);
  const auto image = [&] {
    return std::string{"{"} + id_name + key + "," + amount_name
           + std::to_string(chance.between(0, 1'000'000)) + "}";
  };
  kafka::owned_record result;
  result.timestamp_ms = 1'000;
  result.key = std::string{"{"} + id_name + key + "}";
  const auto kind = chance.below(100);
  if (kind < 85)
    result.value = R"({"op":"c","after":)" + image() + "}";
  else if (kind < 92)
    result.value = R"({"op":"d","before":)" + image() + R"(,"after":null})";
  else if (kind < 96)
    result.value = garbage;
  return result;
}

fate fate_of(const kafka::owned_record& record, const topology::table& table) {
  if (!record.value)
    return fate::nothing;
  if (*record.value == garbage)
    return fate::dead_letter;
  if (record.value->starts_with(R"({"op":"c")"))
    return fate::row;
  return table.mode == topology::table_mode::latest ? fate::deletion
                                                    : fate::nothing;
}

std::int64_t id_of(const kafka::owned_record& record) {
  return number_behind(record.key.value(), id_name);
}

std::int64_t amount_of(const kafka::owned_record& record) {
  return number_behind(record.value.value(), amount_name);
}

} // namespace sluice::simulation
