// group_core: commits, one partition each.
#include <cstring>
#include <utility>

#include "kafka/commit_reply.hpp"
#include "kafka/group_core.hpp"

namespace sluice::kafka {

namespace {

struct group_metadata_owner {
  void operator()(rd_kafka_consumer_group_metadata_t* data) const {
    rd_kafka_consumer_group_metadata_destroy(data);
  }
};

/// The member's generation. librdkafka has no getter for it, but writes it in
/// front of what rd_kafka_consumer_group_metadata_write returns: 7 bytes
/// "CGMDv2:", then the generation as a native 32-bit integer.
std::int32_t generation_of(rd_kafka_t* rk) {
  constexpr std::string_view magic = "CGMDv2:";
  std::unique_ptr<rd_kafka_consumer_group_metadata_t, group_metadata_owner>
      data{rd_kafka_consumer_group_metadata(rk)};
  if (!data)
    return -1;
  void* buffer = nullptr;
  std::size_t size = 0;
  error_ptr error{
      rd_kafka_consumer_group_metadata_write(data.get(), &buffer, &size)};
  if (error)
    return -1;
  std::int32_t generation = 0;
  std::string_view text{static_cast<const char*>(buffer), size};
  if (text.starts_with(magic) && size >= magic.size() + sizeof generation)
    std::memcpy(&generation, text.data() + magic.size(), sizeof generation);
  rd_kafka_mem_free(rk, buffer);
  return generation;
}

} // namespace

bool group_core::is_member() const { return generation_of(link_->get()) >= 0; }

void group_core::send_commit(pending_commit wanted) {
  const auto& where = wanted.reader->where();
  // A former owner in this process is as much a stranger as one elsewhere, but
  // to the broker it would be the member that has the partition now.
  const auto* item = held_by(*wanted.reader);
  if (!item || !item->handed)
    return wanted.done({commit_status::not_owner,
                        to_string(where) + " is not assigned to this node"});
  if (rd_kafka_assignment_lost(link_->get()) != 0)
    return wanted.done({commit_status::not_owner,
                        "this node's membership in the group has expired"});
  if (member_id() != member_)
    return wanted.done({commit_status::not_owner,
                        "this node's membership in the group has ended"});
  // A commit without a generation would be taken by brokers whose group is
  // empty, whoever owned the partition since.
  if (!is_member())
    return wanted.done(
        {commit_status::retry, "this node is not a member of the group now"});
  auto list = list_of(where, wanted.offset);
  auto& element = list->elems[0];
  if (!wanted.metadata.empty()) {
    // Freed with the list.
    element.metadata =
        rd_kafka_mem_malloc(link_->get(), wanted.metadata.size());
    std::memcpy(element.metadata, wanted.metadata.data(),
                wanted.metadata.size());
    element.metadata_size = wanted.metadata.size();
  }
  auto id = ++last_commit_;
  auto error = rd_kafka_commit_queue(
      link_->get(), list.get(), events_.get(), nullptr,
      reinterpret_cast<void*>(id)); // NOLINT(performance-no-int-to-ptr)
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return wanted.done(outcome_of(error));
  commits_.emplace(id, std::move(wanted));
}

void group_core::on_commit_reply(rd_kafka_event_t* event) {
  auto node = commits_.extract(
      reinterpret_cast<std::uintptr_t>(rd_kafka_event_opaque(event)));
  if (node.empty())
    return;
  auto& commit = node.mapped();
  auto error = rd_kafka_event_error(event);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
    if (const auto* list = rd_kafka_event_topic_partition_list(event);
        list && list->cnt > 0)
      error = list->elems[0].err;
  auto outcome = outcome_of(error);
  const auto& where = commit.reader->where();
  if (outcome.status == commit_status::recorded && !held_by(*commit.reader))
    outcome = {commit_status::not_owner,
               to_string(where) + " was given up before the answer"};
  if (outcome.status == commit_status::recorded && options_.journal_commit)
    if (auto kept =
            options_.journal_commit(where, commit.offset, commit.metadata);
        !kept)
      outcome = {commit_status::retry, kept.error()};
  commit.done(std::move(outcome));
}

} // namespace sluice::kafka
