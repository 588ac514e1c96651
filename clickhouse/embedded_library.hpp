// Finds and loads libchdb, ClickHouse as a shared library. The npm package that
// ships it (@chdb/lib-linux-x64-gnu) has no header, so the part of its C API
// that is used is declared here (names and types: programs/local/chdb.h of the
// public chdb repository, version 26.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::clickhouse {

/// Opaque to us; owned by libchdb.
struct chdb_connection_handle;
struct chdb_result;
using chdb_connection = chdb_connection_handle*;

/// The functions of libchdb, resolved. Plain pointers: they stay valid until
/// the process ends, because the library is never unloaded (it owns threads).
struct embedded_library {
  chdb_connection* (*connect)(int argc, char** argv) = nullptr;
  void (*close)(chdb_connection* connection) = nullptr;
  chdb_result* (*query)(chdb_connection connection, const char* sql,
                        std::size_t sql_size, const char* format,
                        std::size_t format_size, const char* const* names,
                        const std::size_t* name_sizes,
                        const char* const* values,
                        const std::size_t* value_sizes,
                        std::size_t count) = nullptr;
  /// Takes the arguments of `query`; its chunks come from `fetch`.
  chdb_result* (*stream)(chdb_connection connection, const char* sql,
                         std::size_t sql_size, const char* format,
                         std::size_t format_size, const char* const* names,
                         const std::size_t* name_sizes,
                         const char* const* values,
                         const std::size_t* value_sizes,
                         std::size_t count) = nullptr;
  chdb_result* (*fetch)(chdb_connection connection,
                        chdb_result* stream) = nullptr;
  void (*cancel)(chdb_connection connection, chdb_result* stream) = nullptr;
  void (*destroy)(chdb_result* result) = nullptr;
  char* (*buffer)(chdb_result* result) = nullptr;
  std::size_t (*length)(chdb_result* result) = nullptr;
  /// Null when the query succeeded.
  const char* (*error)(chdb_result* result) = nullptr;
  double (*elapsed)(chdb_result* result) = nullptr;
  std::uint64_t (*rows)(chdb_result* result) = nullptr;
  std::uint64_t (*bytes)(chdb_result* result) = nullptr;
  std::uint64_t (*rows_read)(chdb_result* result) = nullptr;
  std::uint64_t (*bytes_read)(chdb_result* result) = nullptr;
  std::uint64_t (*rows_written)(chdb_result* result) = nullptr;
  std::uint64_t (*bytes_written)(chdb_result* result) = nullptr;
  void (*set_signal_handlers_enabled)(int enabled) = nullptr;
};

/// Where the library is looked for, in this order: the file in $SLUICE_LIBCHDB
/// (then nowhere else), `../lib/libchdb.so` of the executable's directory, the
/// data directory that scripts/install-libchdb fills, the system's loader.
[[nodiscard]] std::vector<std::filesystem::path> library_candidates();

/// Loads the library (about 0.1 s the first time). Thread-safe. The error is
/// one line that says how to install it.
[[nodiscard]] tl::expected<embedded_library, std::string> load_library();

} // namespace sluice::clickhouse
