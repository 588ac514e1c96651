#include "kafka/commit_reply.hpp"

namespace sluice::kafka {

namespace {

commit_status status_of(rd_kafka_resp_err_t error) {
  switch (error) {
  case RD_KAFKA_RESP_ERR_NO_ERROR:
    return commit_status::recorded;
  case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
  case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
  case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
  case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
  case RD_KAFKA_RESP_ERR__FENCED:
  case RD_KAFKA_RESP_ERR__FATAL:
  case RD_KAFKA_RESP_ERR__DESTROY:
    return commit_status::not_owner;
  case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
  case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
  case RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE:
  case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    return commit_status::refused;
  default:
    return commit_status::retry;
  }
}

} // namespace

commit_outcome outcome_of(rd_kafka_resp_err_t error) {
  auto status = status_of(error);
  if (status == commit_status::recorded)
    return {status, {}};
  return {status, rd_kafka_err2str(error)};
}

} // namespace sluice::kafka
