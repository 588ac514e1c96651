#include "kafka/journal.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "kafka/journal_codec.hpp"

namespace sluice::kafka {

namespace {

enum entry : std::int64_t { topic_entry = 1, commit_entry = 2 };

/// A catalogue above this is rewritten with each commit's last value only.
constexpr std::uint64_t compact_above = 4U << 20U;

entry_writer topic_bytes(const std::string& topic, int partitions) {
  entry_writer out;
  out.number(topic_entry).text(topic).number(partitions);
  return out;
}

entry_writer commit_bytes(const journal::commit_key& key,
                          const committed_position& position) {
  entry_writer out;
  out.number(commit_entry)
      .text(key.first)
      .text(key.second.topic)
      .number(key.second.partition)
      .number(position.offset.value_or(-1))
      .text(position.metadata);
  return out;
}

entry_writer record_bytes(const owned_record& record) {
  entry_writer out;
  out.number(record.offset)
      .number(record.timestamp_ms)
      .text(record.key)
      .text(record.value)
      .number(static_cast<std::int64_t>(record.headers.size()));
  for (const auto& item : record.headers)
    out.text(item.name).text(item.value);
  return out;
}

/// Kafka's rule for names; here they also become file names.
bool is_legal_name(const std::string& topic) {
  return !topic.empty() && topic.size() <= 200 && topic != "." && topic != ".."
         && topic.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
                == std::string::npos;
}

/// Makes new names in the directory survive a crash of the machine.
void sync_directory(const std::filesystem::path& directory) {
  descriptor fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (fd.get() >= 0)
    ::fsync(fd.get());
}

} // namespace

tl::expected<std::unique_ptr<journal>, std::string>
journal::open(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return tl::unexpected{directory.string()
                          + ": cannot create: " + error.message()
                          + "; choose another data directory"};
  auto result = std::make_unique<journal>(only_open{});
  result->directory_ = directory;
  result->lock_ = descriptor{
      ::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
  if (result->lock_.get() < 0)
    return tl::unexpected{directory.string() + ": cannot write: "
                          + std::generic_category().message(errno)
                          + "; choose another data directory"};
  if (::flock(result->lock_.get(), LOCK_EX | LOCK_NB) != 0)
    return tl::unexpected{directory.string()
                          + " is in use by another process; stop it or choose "
                            "another data directory"};
  if (auto ok = result->load(); !ok)
    return tl::unexpected{ok.error()};
  return result;
}

tl::expected<void, std::string> journal::load() {
  if (auto ok = load_catalog(); !ok)
    return ok;
  if (catalog_->size() > compact_above)
    if (auto ok = compact_catalog(); !ok)
      return ok;
  for (const auto& [topic, partitions] : topics_)
    if (auto ok = open_partitions(topic, partitions); !ok)
      return ok;
  return {};
}

tl::expected<void, std::string> journal::load_catalog() {
  auto visit =
      [this](
          std::span<const std::byte> bytes) -> tl::expected<void, std::string> {
    entry_reader in{bytes};
    auto kind = in.number();
    auto name = in.text().value_or("");
    if (kind == topic_entry) {
      auto partitions = in.number();
      if (!in.done() || !is_legal_name(name) || partitions < 1)
        return tl::unexpected{std::string{"not a topic"}};
      topics_.emplace(name, static_cast<int>(partitions));
      return {};
    }
    auto topic = in.text().value_or("");
    auto partition = static_cast<std::int32_t>(in.number());
    auto offset = in.number();
    auto metadata = in.text().value_or("");
    if (kind != commit_entry || !in.done() || offset < 0)
      return tl::unexpected{std::string{"not a commit"}};
    commits_[{name, {topic, partition}}] = {offset, metadata};
    return {};
  };
  auto file = journal_file::open(directory_ / "catalog", visit);
  if (!file)
    return tl::unexpected{file.error()};
  catalog_ = std::make_unique<journal_file>(std::move(*file));
  if (!catalog_->notice().empty())
    notices_.push_back(catalog_->notice());
  sync_directory(directory_);
  return {};
}

tl::expected<void, std::string> journal::compact_catalog() {
  auto fresh_path = directory_ / "catalog.new";
  std::error_code error;
  std::filesystem::remove(fresh_path, error);
  auto nothing = [](auto) { return tl::expected<void, std::string>{}; };
  auto fresh = journal_file::open(fresh_path, nothing);
  if (!fresh)
    return tl::unexpected{fresh.error()};
  for (const auto& [topic, partitions] : topics_)
    if (auto ok = fresh->append(topic_bytes(topic, partitions).bytes()); !ok)
      return ok;
  for (const auto& [key, position] : commits_)
    if (auto ok = fresh->append(commit_bytes(key, position).bytes()); !ok)
      return ok;
  if (auto ok = fresh->sync(); !ok)
    return ok;
  std::filesystem::rename(fresh_path, directory_ / "catalog", error);
  if (error)
    return tl::unexpected{fresh_path.string()
                          + ": cannot rename: " + error.message()};
  sync_directory(directory_);
  // The descriptor stays on the file that has just been renamed.
  *catalog_ = std::move(*fresh);
  return {};
}

tl::expected<void, std::string>
journal::open_partitions(const std::string& topic, int partitions) {
  for (int i = 0; i < partitions; ++i) {
    topic_partition where{topic, i};
    std::int64_t end = 0;
    std::int64_t missing = 0;
    auto visit = [&](std::span<const std::byte> bytes)
        -> tl::expected<void, std::string> {
      // Only the offset: records are checked when they are played back.
      auto offset = entry_reader{bytes}.number();
      if (offset < end)
        return tl::unexpected{std::string{"offsets go backwards"}};
      missing += offset - end;
      end = offset + 1;
      return {};
    };
    auto file = journal_file::open(file_of(where), visit);
    if (!file)
      return tl::unexpected{file.error()};
    if (!file->notice().empty())
      notices_.push_back(file->notice());
    if (missing > 0)
      notices_.push_back(to_string(where) + ": " + std::to_string(missing)
                         + " records were lost before they were journaled");
    partitions_.emplace(where, partition_file{std::move(*file), end});
  }
  return {};
}

std::filesystem::path journal::file_of(const topic_partition& tp) const {
  return directory_
         / (tp.topic + "-" + std::to_string(tp.partition) + ".records");
}

std::map<std::string, int> journal::topics() const {
  std::lock_guard lock{mutex_};
  return topics_;
}

std::map<journal::commit_key, committed_position> journal::commits() const {
  std::lock_guard lock{mutex_};
  return commits_;
}

std::int64_t journal::end(const topic_partition& where) const {
  std::lock_guard lock{mutex_};
  auto at = partitions_.find(where);
  return at == partitions_.end() ? 0 : at->second.end;
}

tl::expected<frame_reader, std::string>
journal::read(const topic_partition& where) const {
  return frame_reader::open(file_of(where));
}

tl::expected<owned_record, std::string>
journal::decode(std::span<const std::byte> payload,
                const topic_partition& where) {
  entry_reader in{payload};
  owned_record record;
  record.where = where;
  record.offset = in.number();
  record.timestamp_ms = in.number();
  record.key = in.text();
  record.value = in.text();
  for (auto left = in.number(); left > 0 && in.ok(); --left) {
    owned_header item;
    item.name = in.text().value_or("");
    item.value = in.text();
    record.headers.push_back(std::move(item));
  }
  if (!in.done())
    return tl::unexpected{to_string(where)
                          + ": the journal holds a record of "
                            "another version"};
  return record;
}

tl::expected<void, std::string> journal::add_topic(const std::string& topic,
                                                   int partitions) {
  std::lock_guard lock{mutex_};
  if (topics_.contains(topic))
    return {};
  if (!is_legal_name(topic) || partitions < 1)
    return tl::unexpected{"topic \"" + topic
                          + "\": a name has 1 to 200 letters, digits, '.', "
                            "'_', '-', and a topic at least one partition"};
  if (auto ok = open_partitions(topic, partitions); !ok)
    return ok;
  sync_directory(directory_);
  if (auto ok = catalog_->append(topic_bytes(topic, partitions).bytes()); !ok)
    return ok;
  topics_.emplace(topic, partitions);
  return catalog_->sync();
}

tl::expected<void, std::string> journal::append(const owned_record& record) {
  auto out = record_bytes(record);
  std::lock_guard lock{mutex_};
  auto at = partitions_.find(record.where);
  if (at == partitions_.end())
    return tl::unexpected{to_string(record.where) + " is not in the journal"};
  if (record.offset < at->second.end)
    return tl::unexpected{to_string(record.where) + ": offset "
                          + std::to_string(record.offset)
                          + " is in the journal already"};
  if (auto ok = at->second.file.append(out.bytes()); !ok)
    return ok;
  at->second.end = record.offset + 1;
  return {};
}

tl::expected<void, std::string> journal::sync() {
  std::lock_guard lock{mutex_};
  for (auto& [where, item] : partitions_)
    if (auto ok = item.file.sync(); !ok)
      return ok;
  return {};
}

tl::expected<void, std::string> journal::sync(const topic_partition& where) {
  std::lock_guard lock{mutex_};
  const auto found = partitions_.find(where);
  return found == partitions_.end() ? tl::expected<void, std::string>{}
                                    : found->second.file.sync();
}

tl::expected<void, std::string> journal::commit(const std::string& group,
                                                const topic_partition& where,
                                                std::int64_t offset,
                                                const std::string& metadata) {
  std::lock_guard lock{mutex_};
  if (auto at = partitions_.find(where); at != partitions_.end())
    if (auto ok = at->second.file.sync(); !ok)
      return ok;
  commit_key key{group, where};
  committed_position position{offset, metadata};
  if (auto ok = catalog_->append(commit_bytes(key, position).bytes()); !ok)
    return ok;
  if (auto ok = catalog_->sync(); !ok)
    return ok;
  commits_[key] = std::move(position);
  return {};
}

} // namespace sluice::kafka
