#include "cli/pipeline_controls.hpp"

#include <chrono>
#include <future>
#include <tuple>
#include <utility>

namespace sluice::cli {

tl::expected<std::unique_ptr<kafka::control_log>, std::string>
visit_controls(const kafka::broker_address& at,
               const topology::topology& what) {
  kafka::control_log_options options;
  options.at = at;
  options.topic = kafka::control_topic(what.kafka.group);
  options.create = false;
  return kafka::open_control_log(options);
}

tl::expected<plan::table_controls, std::string>
read_controls(kafka::control_log& log) {
  plan::table_controls result;
  std::int64_t next = 0;
  while (true) {
    const auto batch = log.read(next, std::chrono::milliseconds{0});
    if (!batch)
      return tl::unexpected{batch.error()};
    for (const auto& record : batch->records)
      std::ignore =
          result.obey(record.offset, record.appended_at(), record.bytes);
    next = batch->next;
    if (batch->at_end())
      return result;
  }
}

tl::expected<void, std::string> tell(kafka::control_log& log,
                                     const plan::table_command& command) {
  return append(log, encode(command));
}

tl::expected<void, std::string> append(kafka::control_log& log,
                                       std::string record) {
  // Every record is answered, after its delivery timeout at last.
  const auto answer = std::make_shared<std::promise<std::string>>();
  auto kept = answer->get_future();
  log.append(std::move(record), [answer](std::string error) {
    answer->set_value(std::move(error));
  });
  if (auto error = kept.get(); !error.empty())
    return tl::unexpected{
        "the command could not be written to the control log: " + error};
  return {};
}

} // namespace sluice::cli
