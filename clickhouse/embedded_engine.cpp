#include "clickhouse/embedded_engine.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "clickhouse/embedded_signals.hpp"

namespace sluice::clickhouse {

namespace {

// libchdb itself has one engine and one path per process, so this cannot be an
// object's.
std::atomic<bool> engine_is_open = false;

// The library opens as clickhouse-local does. A server takes no bare
// expressions for queries, and the asynchronous insert queue needs the server.
constexpr std::string_view server_settings =
    "SET implicit_select = 0, async_insert = 0";

constexpr auto config_name = "sluice-engine.xml";
constexpr auto lock_name = "sluice.lock";

// libchdb 26.5 starts its background removal of dropped tables only where it
// finds metadata: in a new directory DROP TABLE ... SYNC would wait for ever.
constexpr auto metadata_name = "metadata";

std::string words(int number) {
  return std::error_code{number, std::generic_category()}.message();
}

/// "Code: 27. DB::Exception: Code: 27. DB::Exception: TEXT (NAME) (version V).
/// (NAME)" is what libchdb makes of an error that its client half rethrows.
std::string without_repetition(std::string message) {
  constexpr std::string_view middle = "DB::Exception: ";
  auto end = message.find(middle);
  if (end == std::string::npos)
    return message;
  const auto prefix = message.substr(0, end + middle.size());
  if (message.compare(prefix.size(), prefix.size(), prefix) != 0)
    return message;
  message.erase(0, prefix.size());
  if (auto version = message.rfind(" (version "); version != std::string::npos)
    message.erase(version);
  return message;
}

/// The parallel arrays of libchdb's calls.
struct parameter_arrays {
  explicit parameter_arrays(const settings* parameters) {
    if (parameters == nullptr)
      return;
    for (const auto& [name, value] : *parameters) {
      names.push_back(name.data());
      name_sizes.push_back(name.size());
      values.push_back(value.data());
      value_sizes.push_back(value.size());
    }
  }

  std::vector<const char*> names;
  std::vector<std::size_t> name_sizes;
  std::vector<const char*> values;
  std::vector<std::size_t> value_sizes;
};

tl::expected<int, std::string> lock(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory / metadata_name, failed);
  if (failed)
    return tl::unexpected("cannot create the data directory "
                          + directory.string() + ": " + failed.message());
  const auto path = directory / lock_name;
  int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0)
    return tl::unexpected("cannot write to the data directory "
                          + directory.string() + ": " + words(errno));
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 24> owner{};
    (void)!read(file, owner.data(), owner.size() - 1);
    close(file);
    return tl::unexpected("the data directory " + directory.string()
                          + " is in use by process " + owner.data()
                          + ": stop it or choose another directory");
  }
  const auto self = std::to_string(getpid());
  if (ftruncate(file, 0) != 0
      || write(file, self.data(), self.size()) != std::ssize(self)) {
    auto why = words(errno);
    close(file);
    return tl::unexpected("cannot write to " + path.string() + ": " + why);
  }
  return file;
}

} // namespace

query_counts& query_counts::operator+=(const query_counts& other) {
  read_rows += other.read_rows;
  read_bytes += other.read_bytes;
  written_rows += other.written_rows;
  written_bytes += other.written_bytes;
  result_rows += other.result_rows;
  elapsed_seconds += other.elapsed_seconds;
  return *this;
}

engine_result::engine_result(const embedded_library& library,
                             chdb_result* result)
    : result_(result, library.destroy) {
  if (result == nullptr) {
    error_ = "libchdb gave no result";
    return;
  }
  if (const auto* text = library.error(result); text != nullptr) {
    error_ = without_repetition(text);
    return;
  }
  if (const auto* data = library.buffer(result); data != nullptr)
    bytes_ = {data, library.length(result)};
  counts_ = {.read_rows = library.rows_read(result),
             .read_bytes = library.bytes_read(result),
             .written_rows = library.rows_written(result),
             .written_bytes = library.bytes_written(result),
             .result_rows = library.rows(result),
             .elapsed_seconds = library.elapsed(result)};
}

engine_connection::engine_connection(std::shared_ptr<embedded_engine> engine,
                                     chdb_connection* handle)
    : engine_(std::move(engine)), handle_(handle) {
  // nop
}

engine_connection::~engine_connection() {
  cancel();
  engine_->library().close(handle_);
}

engine_result engine_connection::run(const engine_statement& statement) {
  const auto& library = engine_->library();
  parameter_arrays in{statement.parameters};
  return {library,
          library.query(*handle_, statement.sql.data(), statement.sql.size(),
                        statement.format.data(), statement.format.size(),
                        in.names.data(), in.name_sizes.data(), in.values.data(),
                        in.value_sizes.data(), in.names.size())};
}

std::optional<std::string>
engine_connection::start(const engine_statement& statement) {
  cancel();
  const auto& library = engine_->library();
  parameter_arrays in{statement.parameters};
  auto* stream =
      library.stream(*handle_, statement.sql.data(), statement.sql.size(),
                     statement.format.data(), statement.format.size(),
                     in.names.data(), in.name_sizes.data(), in.values.data(),
                     in.value_sizes.data(), in.names.size());
  if (stream == nullptr)
    return "libchdb gave no result";
  if (const auto* text = library.error(stream); text != nullptr) {
    auto error = without_repetition(text);
    library.destroy(stream);
    return error;
  }
  stream_ = stream;
  return std::nullopt;
}

engine_result engine_connection::next(bool& last) {
  const auto& library = engine_->library();
  engine_result chunk{library, library.fetch(*handle_, stream_)};
  // libchdb ends a stream with a chunk of no rows; it may still have text (the
  // totals).
  last = !chunk.error().empty() || chunk.counts().result_rows == 0;
  if (last) {
    library.destroy(stream_);
    stream_ = nullptr;
  }
  return chunk;
}

void engine_connection::cancel() {
  if (stream_ == nullptr)
    return;
  engine_->library().cancel(*handle_, stream_);
  engine_->library().destroy(stream_);
  stream_ = nullptr;
}

tl::expected<std::shared_ptr<embedded_engine>, std::string>
embedded_engine::open(const std::filesystem::path& directory) {
  auto library = load_library();
  if (!library)
    return tl::unexpected(library.error());
  if (engine_is_open.exchange(true))
    return tl::unexpected<std::string>(
        "the embedded ClickHouse is open already; it is one per process");
  // From here on the destructor undoes what has been done.
  auto engine = std::make_shared<embedded_engine>(key{});
  engine->library_ = *library;
  engine->directory_ = std::filesystem::absolute(directory);
  auto locked = lock(engine->directory_);
  if (!locked)
    return tl::unexpected(locked.error());
  engine->lock_ = *locked;
  // Without a file of its own the engine would read ./config.xml or the one of
  // clickhouse-local in the home directory.
  const auto config = engine->directory_ / config_name;
  if (!(std::ofstream{config} << "<clickhouse></clickhouse>\n"))
    return tl::unexpected("cannot write " + config.string());
  {
    const signal_dispositions kept;
    engine->library_.set_signal_handlers_enabled(0);
    auto handle = engine->connect_handle();
    if (!handle)
      return tl::unexpected(handle.error());
    engine->anchor_ = *handle;
    auto started = engine->connect();
    if (!started)
      return tl::unexpected(started.error());
  }
  return engine;
}

embedded_engine::~embedded_engine() {
  if (anchor_ != nullptr)
    library_.close(anchor_);
  if (lock_ >= 0)
    close(lock_);
  engine_is_open = false;
}

tl::expected<chdb_connection*, std::string> embedded_engine::connect_handle() {
  std::array<std::string, 3> arguments{
      "sluice", "--path=" + directory_.string(),
      "--config-file=" + (directory_ / config_name).string()};
  std::array<char*, 3> pointers{arguments[0].data(), arguments[1].data(),
                                arguments[2].data()};
  auto* handle =
      library_.connect(static_cast<int>(pointers.size()), pointers.data());
  if (handle == nullptr || *handle == nullptr)
    return tl::unexpected("the embedded ClickHouse cannot open "
                          + directory_.string());
  return handle;
}

tl::expected<std::unique_ptr<engine_connection>, std::string>
embedded_engine::connect() {
  auto handle = connect_handle();
  if (!handle)
    return tl::unexpected(handle.error());
  auto result =
      std::make_unique<engine_connection>(shared_from_this(), *handle);
  auto prepared = result->run({.sql = server_settings});
  if (!prepared.error().empty())
    return tl::unexpected(prepared.error());
  return result;
}

} // namespace sluice::clickhouse
