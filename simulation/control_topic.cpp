#include "simulation/control_topic.hpp"

#include <algorithm>
#include <utility>

namespace sluice::simulation {

namespace {

/// Nodes only read.
class node_log : public kafka::control_log {
public:
  node_log(stage& on, const std::vector<kafka::control_record>& records)
      : on_{on}, records_{records} {}

  void append(std::string /*bytes*/,
              std::function<void(std::string error)> done) override {
    done("a node appends nothing");
  }

  tl::expected<kafka::control_batch, std::string>
  read(std::int64_t from, std::chrono::milliseconds /*patience*/) override {
    if (on_.strikes(on_.faults.commit_lost, "control log reads lost"))
      return tl::unexpected{std::string{"the broker does not answer"}};
    kafka::control_batch result;
    result.end = static_cast<std::int64_t>(records_.size());
    result.next = std::max(from, result.end);
    for (auto i = from; i < result.end; ++i)
      result.records.push_back(records_[static_cast<std::size_t>(i)]);
    return result;
  }

private:
  stage& on_;
  const std::vector<kafka::control_record>& records_;
};

} // namespace

void control_topic::append(const plan::table_command& command) {
  on_.out.line("control log", [&] {
    return "gets '" + std::string{name_of(command.what)} + "' of table "
           + command.table + ", epoch " + std::to_string(command.epoch);
  });
  records_.push_back(
      {static_cast<std::int64_t>(records_.size()), 0, plan::encode(command)});
  resets_.obey(command);
}

std::unique_ptr<kafka::control_log> control_topic::open() const {
  return std::make_unique<node_log>(on_, records_);
}

} // namespace sluice::simulation
