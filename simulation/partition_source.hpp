// The source of one assigned partition, as the real actors get it.
#pragma once

#include <memory>
#include <string>

#include "simulation/group_membership.hpp"

namespace sluice::simulation {

class partition_source final : public kafka::partition_source {
public:
  /// `of` must outlive the source.
  partition_source(group_membership& of, std::shared_ptr<holding> what)
      : of_{of}, what_{std::move(what)}, life_{what_->life} {}
  ~partition_source() override {
    if (is_current())
      what_->notify = nullptr;
  }

  [[nodiscard]] const kafka::topic_partition& where() const override {
    return what_->where;
  }
  void start(std::optional<std::int64_t> offset) override {
    if (is_current())
      of_.start(what_, offset);
  }
  [[nodiscard]] kafka::record_batch_ptr take(std::size_t records_max,
                                             std::size_t bytes_max) override {
    return is_current() ? of_.take(*what_, records_max, bytes_max) : nullptr;
  }
  [[nodiscard]] std::int64_t position() const override {
    return what_->position;
  }
  void on_available(std::function<void()> notify) override {
    what_->notify = std::move(notify);
  }
  void commit(std::int64_t offset, std::string metadata,
              std::function<void(kafka::commit_outcome)> done) override {
    if (is_current())
      of_.commit(what_, offset, std::move(metadata), std::move(done));
    else
      done({kafka::commit_status::not_owner,
            kafka::to_string(what_->where) + " was handed out again"});
  }
  [[nodiscard]] std::optional<kafka::log_bounds> bounds() const override {
    return of_.bounds(what_->where);
  }
  [[nodiscard]] std::optional<kafka::source_failure> failure() const override {
    return what_->failure;
  }

private:
  /// As the product knows a handing-out by its reader.
  [[nodiscard]] bool is_current() const { return what_->life == life_; }

  group_membership& of_;
  std::shared_ptr<holding> what_;
  int life_;
};

} // namespace sluice::simulation
