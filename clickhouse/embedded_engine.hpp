// RAII over libchdb: the engine (one per process), its connections, results and
// streams. Nothing here knows about SQL.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "clickhouse/client.hpp"
#include "clickhouse/embedded_library.hpp"

namespace sluice::clickhouse {

/// What a statement has touched, in rows and uncompressed bytes.
struct query_counts {
  std::uint64_t read_rows = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t written_rows = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t result_rows = 0;
  double elapsed_seconds = 0;

  query_counts& operator+=(const query_counts& other);
};

/// A finished statement, or one chunk of a stream. Owns the bytes.
class engine_result {
public:
  /// `result` may be null, which reads as an error.
  engine_result(const embedded_library& library, chdb_result* result);

  /// ClickHouse's own words ("Code: 60. DB::Exception: ..."); empty: success.
  /// The text is stripped of the prefix that libchdb repeats.
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  /// All zero after an error.
  [[nodiscard]] const query_counts& counts() const { return counts_; }

private:
  std::unique_ptr<chdb_result, void (*)(chdb_result*)> result_;
  std::string error_;
  std::string_view bytes_;
  query_counts counts_;
};

class embedded_engine;

/// One statement's text and what comes with it. `format` counts only when the
/// text has no FORMAT of its own.
struct engine_statement {
  std::string_view sql;
  std::string_view format = "TabSeparated";
  /// Values of {name:Type}, in escaped text form.
  const settings* parameters = nullptr;
};

/// A connection: its own settings, current database and temporary tables. One
/// thread at a time. Opening one costs about 0.2 ms.
class engine_connection {
public:
  engine_connection(std::shared_ptr<embedded_engine> engine,
                    chdb_connection* handle);
  ~engine_connection();
  engine_connection(const engine_connection&) = delete;
  engine_connection& operator=(const engine_connection&) = delete;

  [[nodiscard]] engine_result run(const engine_statement& statement);

  /// Starts a SELECT whose rows come chunk by chunk from `next`. Every chunk is
  /// formatted on its own, so only formats without header and footer are whole
  /// when their chunks are joined (statement_scan.hpp, `joins_by_chunk`). The
  /// result is the start's error, or nothing.
  [[nodiscard]] std::optional<std::string>
  start(const engine_statement& statement);
  /// The next chunk; its `last` is set at the end and after an error.
  [[nodiscard]] engine_result next(bool& last);
  /// Drops a stream that is not wanted to its end.
  void cancel();

private:
  std::shared_ptr<embedded_engine> engine_;
  chdb_connection* handle_;
  chdb_result* stream_ = nullptr;
};

/// The engine with its data directory. Shared by all its connections; the last
/// of them shuts it down. Thread-safe.
class embedded_engine : public std::enable_shared_from_this<embedded_engine> {
public:
  /// Locks `directory` (created when missing) for this process, loads the
  /// library and starts the engine. One per process at a time. The error is one
  /// line.
  [[nodiscard]] static tl::expected<std::shared_ptr<embedded_engine>,
                                    std::string>
  open(const std::filesystem::path& directory);

  /// Only `open` has one.
  class key {
    key() = default;
    friend class embedded_engine;
  };
  explicit embedded_engine(key) {
    // nop
  }
  ~embedded_engine();
  embedded_engine(const embedded_engine&) = delete;
  embedded_engine& operator=(const embedded_engine&) = delete;

  /// A new connection with ClickHouse's settings for servers.
  [[nodiscard]] tl::expected<std::unique_ptr<engine_connection>, std::string>
  connect();

  [[nodiscard]] const embedded_library& library() const { return library_; }
  [[nodiscard]] const std::filesystem::path& directory() const {
    return directory_;
  }

private:
  [[nodiscard]] tl::expected<chdb_connection*, std::string> connect_handle();

  embedded_library library_;
  std::filesystem::path directory_;
  int lock_ = -1;
  /// Open as long as the engine is to run: closing the last one stops it.
  chdb_connection* anchor_ = nullptr;
};

} // namespace sluice::clickhouse
