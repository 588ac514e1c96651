#include "simulation/control_topic.hpp"

#include <algorithm>
#include <utility>

namespace sluice::simulation {

namespace {

/// Nodes append nothing.
class node_log : public kafka::control_log {
public:
  node_log(stage& on, control_topic::log& log) : on_{on}, log_{log} {}

  void append(std::string /*bytes*/,
              std::function<void(std::string error)> done) override {
    done("a node appends nothing");
  }

  tl::expected<kafka::control_batch, std::string>
  read(std::int64_t from, std::chrono::milliseconds /*patience*/) override {
    if (on_.strikes(on_.faults.commit_lost, "control log reads lost"))
      return tl::unexpected{std::string{"the broker does not answer"}};
    kafka::control_batch result;
    result.start = log_.start;
    result.end = end();
    result.next = std::max(from, result.end);
    for (auto i = std::max(from, log_.start); i < result.end; ++i)
      result.records.push_back(log_.records[static_cast<std::size_t>(i)]);
    return result;
  }

  tl::expected<kafka::trim_outcome, std::string>
  trim(std::int64_t before) override {
    if (before > end())
      return tl::unexpected{std::string{"beyond the log's end"}};
    log_.start = std::max(log_.start, before);
    return kafka::trim_outcome::trimmed;
  }

private:
  [[nodiscard]] std::int64_t end() const {
    return static_cast<std::int64_t>(log_.records.size());
  }

  stage& on_;
  control_topic::log& log_;
};

} // namespace

void control_topic::append(const plan::table_command& command) {
  on_.out.line("control log", [&] {
    return "gets '" + std::string{name_of(command.what)} + "' of table "
           + command.table + ", epoch " + std::to_string(command.epoch);
  });
  log_.records.push_back({static_cast<std::int64_t>(log_.records.size()), 0,
                          plan::encode(command)});
  resets_.obey(command);
}

std::unique_ptr<kafka::control_log> control_topic::open() {
  return std::make_unique<node_log>(on_, log_);
}

} // namespace sluice::simulation
