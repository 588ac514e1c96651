// A ClickHouse that answers what a test tells it to and remembers what it was
// asked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clickhouse/client.hpp"

namespace sluice::plan {

using answer = tl::expected<std::string, clickhouse::error>;

inline answer refusal(int code, std::string message,
                      clickhouse::remedy remedy = clickhouse::remedy::stop) {
  clickhouse::error result;
  result.what = remedy;
  result.code = code;
  result.message = std::move(message);
  return tl::unexpected(std::move(result));
}

class fake_clickhouse : public clickhouse::client {
public:
  using script = std::function<answer(const clickhouse::query_request&)>;
  fake_clickhouse(script answers, std::vector<std::string>& asked)
      : answers_{std::move(answers)}, asked_{asked} {}

  answer query(const clickhouse::query_request& request) override {
    asked_.push_back(request.sql);
    return answers_(request);
  }
  tl::expected<void, clickhouse::error>
  insert(const clickhouse::insert_request&) override {
    return {};
  }

private:
  script answers_;
  std::vector<std::string>& asked_;
};

/// The value of a parameter; empty when there is none.
inline std::string parameter(const clickhouse::query_request& request,
                             const std::string& name) {
  for (const auto& [key, value] : request.parameters)
    if (key == name)
      return value;
  return {};
}

} // namespace sluice::plan
