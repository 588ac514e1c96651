// What the embedded broker remembers: topics, records and commits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "kafka/journal_file.hpp"
#include "kafka/record.hpp"
#include "kafka/source.hpp"

namespace sluice::kafka {

/// A directory with `catalog` (topics and commits) and one file per partition
/// (`TOPIC-PARTITION.records`, every record in offset order). Locked while
/// open: one process at a time. Thread-safe.
class journal {
  struct only_open {};

public:
  explicit journal(only_open) {}
  using commit_key = std::pair<std::string, topic_partition>; // group first

  /// Opens or creates it. Errors are one line: unwritable directory, in use
  /// by another process, damaged file.
  [[nodiscard]] static tl::expected<std::unique_ptr<journal>, std::string>
  open(const std::filesystem::path& directory);

  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;

  /// Partition counts by topic.
  [[nodiscard]] std::map<std::string, int> topics() const;
  [[nodiscard]] std::map<commit_key, committed_position> commits() const;
  /// Offset that the next record of the partition will get.
  [[nodiscard]] std::int64_t end(const topic_partition& where) const;
  /// Reads the partition's records from the first on.
  [[nodiscard]] tl::expected<frame_reader, std::string>
  read(const topic_partition& where) const;
  /// A record out of a frame of read().
  [[nodiscard]] static tl::expected<owned_record, std::string>
  decode(std::span<const std::byte> payload, const topic_partition& where);

  /// What was cut off or found missing while opening, one line each.
  [[nodiscard]] const std::vector<std::string>& notices() const {
    return notices_;
  }

  /// Durable when it returns. Known topics are left as they are.
  [[nodiscard]] tl::expected<void, std::string>
  add_topic(const std::string& topic, int partitions);
  /// Survives the death of the process when it returns, that of the machine
  /// after sync(). Offsets must grow.
  [[nodiscard]] tl::expected<void, std::string>
  append(const owned_record& record);
  /// Makes the records of all partitions written so far durable.
  [[nodiscard]] tl::expected<void, std::string> sync();
  /// The same of one partition.
  [[nodiscard]] tl::expected<void, std::string>
  sync(const topic_partition& where);
  /// Durable when it returns, the partition's records before it.
  [[nodiscard]] tl::expected<void, std::string>
  commit(const std::string& group, const topic_partition& where,
         std::int64_t offset, const std::string& metadata);

private:
  struct partition_file {
    journal_file file;
    std::int64_t end = 0;
  };
  tl::expected<void, std::string> load();
  tl::expected<void, std::string> load_catalog();
  tl::expected<void, std::string> compact_catalog();
  tl::expected<void, std::string> open_partitions(const std::string& topic,
                                                  int partitions);
  [[nodiscard]] std::filesystem::path file_of(const topic_partition& tp) const;

  std::filesystem::path directory_;
  descriptor lock_;
  std::vector<std::string> notices_;
  mutable std::mutex mutex_;
  std::unique_ptr<journal_file> catalog_;
  std::map<std::string, int> topics_;
  std::map<commit_key, committed_position> commits_;
  std::map<topic_partition, partition_file> partitions_;
};

} // namespace sluice::kafka
