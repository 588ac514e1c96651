#include "cli/messages.hpp"

#include <iostream>

#include "cli/verbs.hpp"
#include "plan/server_check.hpp"

namespace sluice::cli {

namespace {

// ClickHouse's codes, from src/Common/ErrorCodes.cpp.
constexpr int unknown_table = 60;
constexpr int unknown_database = 81;

} // namespace

int fail(std::string_view message) {
  note(message);
  return exit_failure;
}

int refuse(std::string_view message) {
  note(message);
  return exit_mistake;
}

void note(std::string_view message) {
  // Results and messages stay in order when both go to one place.
  std::cout.flush();
  std::cerr << "sluice: " << message << '\n';
}

std::string explain(const clickhouse::error& failure) {
  if (failure.code == 0)
    return failure.message;
  auto text = "ClickHouse says: " + plan::plain_words(failure.message);
  if (failure.code == unknown_table || failure.code == unknown_database)
    text += "; `sluice apply FILE` creates what the topology needs";
  return text;
}

} // namespace sluice::cli
