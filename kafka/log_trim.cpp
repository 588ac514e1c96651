#include "kafka/log_trim.hpp"

#include <array>
#include <memory>

namespace sluice::kafka {

namespace {

using deletion_ptr = std::unique_ptr<rd_kafka_DeleteRecords_t,
                                     freed_by<rd_kafka_DeleteRecords_destroy>>;

tl::unexpected<trim_failure> failed(rd_kafka_resp_err_t error,
                                    const client& over) {
  switch (error) {
  case RD_KAFKA_RESP_ERR__TIMED_OUT:
  case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
  case RD_KAFKA_RESP_ERR__TRANSPORT:
    return tl::unexpected{
        trim_failure{error, describe(RD_KAFKA_RESP_ERR__TIMED_OUT, over)}};
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    return tl::unexpected{
        trim_failure{error, "Kafka at " + over.brokers()
                                + " does not allow this; grant the user "
                                  "Delete on the topic"}};
  default:
    return tl::unexpected{
        trim_failure{error, describe(error, {}, over.brokers())}};
  }
}

} // namespace

tl::expected<void, trim_failure>
delete_records(const client& over, const topic_partition& where,
               std::int64_t before, std::chrono::milliseconds deadline) {
  constexpr std::chrono::milliseconds grace{500};
  auto* rk = over.get();
  const auto offsets = list_of(where, before);
  const deletion_ptr deletion{rd_kafka_DeleteRecords_new(offsets.get())};
  const admin_options_ptr options{
      rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_DELETERECORDS)};
  std::array<char, 512> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), to_timeout(deadline),
                                            text.data(), text.size());
  rd_kafka_AdminOptions_set_operation_timeout(
      options.get(), to_timeout(deadline), text.data(), text.size());
  const queue_ptr replies{rd_kafka_queue_new(rk)};
  auto* all = deletion.get();
  rd_kafka_DeleteRecords(rk, &all, 1, options.get(), replies.get());
  const event_ptr event{
      rd_kafka_queue_poll(replies.get(), to_timeout(deadline + grace))};
  if (!event)
    return failed(RD_KAFKA_RESP_ERR__TIMED_OUT, over);
  if (const auto error = rd_kafka_event_error(event.get());
      error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failed(error, over);
  const auto* result = rd_kafka_event_DeleteRecords_result(event.get());
  const auto* answers =
      result ? rd_kafka_DeleteRecords_result_offsets(result) : nullptr;
  if (!answers || answers->cnt != 1)
    return failed(RD_KAFKA_RESP_ERR__BAD_MSG, over);
  if (answers->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return failed(answers->elems[0].err, over);
  return {};
}

} // namespace sluice::kafka
