// The recorded change events of tests/data/recorded.
#pragma once

#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cdc/json_document.hpp"
#include "cdc/json_string.hpp"
#include "cdc/value.hpp"

namespace sluice::cdc_test {

struct recorded_event {
  std::int64_t offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

/// Reads a file of one JSON object a line ("json/postgres.public.users").
inline std::vector<recorded_event> recorded(const std::string& name) {
  std::ifstream file(SLUICE_TEST_DATA "/recorded/" + name + ".jsonl");
  if (!file)
    throw std::runtime_error("no recorded events " + name);
  std::vector<recorded_event> events;
  cdc::json_document document;
  for (std::string line; std::getline(file, line);) {
    if (document.read(line, cdc::json_dialect::strict) != cdc::json_status::ok)
      throw std::runtime_error("damaged line in " + name);
    recorded_event event;
    document.each_member(
        cdc::json_document::root(),
        [&](std::size_t, std::string_view member, cdc::json_document::node at) {
          const auto value = cdc::value_at(document, at);
          std::string scratch;
          const auto decoded = cdc::decode_string(value.text, scratch);
          const bool is_null = value.form == cdc::value_form::null;
          if (member == "offset")
            event.offset = std::stoll(std::string(value.text));
          else if (member == "key" && !is_null)
            event.key = std::string(decoded.value());
          else if (member == "value" && !is_null)
            event.value = std::string(decoded.value());
          return true;
        });
    events.push_back(std::move(event));
  }
  return events;
}

} // namespace sluice::cdc_test
