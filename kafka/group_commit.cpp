// group_core: commits, one partition each.
#include <cstring>
#include <utility>

#include "kafka/commit_reply.hpp"
#include "kafka/group_core.hpp"
#include "kafka/membership.hpp"

namespace sluice::kafka {

bool group_core::is_member() const { return group_generation(*link_) >= 0; }

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
  if (member_id(*link_) != member_)
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
