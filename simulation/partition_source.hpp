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
      : of_{of}, what_{std::move(what)} {}
  ~partition_source() override { what_->notify = nullptr; }

  [[nodiscard]] const kafka::topic_partition& where() const override {
    return what_->where;
  }
  [[nodiscard]] kafka::record_batch_ptr take(std::size_t records_max,
                                             std::size_t bytes_max) override {
    return of_.take(*what_, records_max, bytes_max);
  }
  [[nodiscard]] std::int64_t position() const override {
    return what_->position;
  }
  void on_available(std::function<void()> notify) override {
    what_->notify = std::move(notify);
  }
  void commit(std::int64_t offset, std::string metadata,
              std::function<void(kafka::commit_outcome)> done) override {
    of_.commit(what_, offset, std::move(metadata), std::move(done));
  }
  [[nodiscard]] std::optional<kafka::log_bounds> bounds() const override {
    return of_.bounds(what_->where);
  }
  [[nodiscard]] std::optional<kafka::source_failure> failure() const override {
    return what_->failure;
  }

private:
  group_membership& of_;
  std::shared_ptr<holding> what_;
};

} // namespace sluice::simulation
