#include "clickhouse/embedded_library.hpp"

#include <cstdlib>
#include <system_error>

#include <dlfcn.h>

namespace sluice::clickhouse {

namespace {

constexpr auto package = "libchdb-26.5.3";

std::string environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

std::filesystem::path data_home() {
  if (auto xdg = environment("XDG_DATA_HOME"); !xdg.empty())
    return xdg;
  return std::filesystem::path{environment("HOME")} / ".local" / "share";
}

/// Remembers the first symbol that is missing.
struct resolver {
  void* library;
  std::string missing = {};

  template <class Function>
  void operator()(Function& target, const char* name) {
    // POSIX guarantees that an object pointer of dlsym holds a function's.
    target = reinterpret_cast<Function>(dlsym(library, name));
    if (target == nullptr && missing.empty())
      missing = name;
  }
};

tl::expected<embedded_library, std::string> resolve(void* library) {
  embedded_library api;
  resolver find{library};
  find(api.connect, "chdb_connect");
  find(api.close, "chdb_close_conn");
  find(api.query, "chdb_query_with_params_n");
  find(api.stream, "chdb_stream_query_with_params_n");
  find(api.fetch, "chdb_stream_fetch_result");
  find(api.cancel, "chdb_stream_cancel_query");
  find(api.destroy, "chdb_destroy_query_result");
  find(api.buffer, "chdb_result_buffer");
  find(api.length, "chdb_result_length");
  find(api.error, "chdb_result_error");
  find(api.elapsed, "chdb_result_elapsed");
  find(api.rows, "chdb_result_rows_read");
  find(api.bytes, "chdb_result_bytes_read");
  find(api.rows_read, "chdb_result_storage_rows_read");
  find(api.bytes_read, "chdb_result_storage_bytes_read");
  find(api.rows_written, "chdb_result_rows_written");
  find(api.bytes_written, "chdb_result_bytes_written");
  find(api.set_signal_handlers_enabled, "chdb_set_signal_handlers_enabled");
  if (!find.missing.empty())
    return tl::unexpected("libchdb has no function " + find.missing
                          + ": version 26.5.3 is needed; run "
                            "scripts/install-dependencies");
  return api;
}

} // namespace

std::vector<std::filesystem::path> library_candidates() {
  if (auto chosen = environment("SLUICE_LIBCHDB"); !chosen.empty())
    return {chosen};
  std::vector<std::filesystem::path> result;
  std::error_code ignored;
  auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  if (!program.empty())
    result.push_back(program.parent_path().parent_path() / "lib"
                     / "libchdb.so");
  result.push_back(data_home() / "sluice" / package / "libchdb.so");
  result.emplace_back("libchdb.so");
  return result;
}

tl::expected<embedded_library, std::string> load_library() {
  std::string reason;
  for (const auto& path : library_candidates()) {
    std::error_code ignored;
    if (path.has_parent_path() && !std::filesystem::exists(path, ignored)) {
      reason = "no file " + path.string();
      continue;
    }
    // RTLD_NODELETE: its background threads outlive every connection.
    constexpr auto flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;
    if (void* library = dlopen(path.c_str(), flags); library != nullptr)
      return resolve(library);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps it per thread
    reason = dlerror();
  }
  return tl::unexpected("the embedded ClickHouse (libchdb) is not installed: "
                        "run scripts/install-dependencies, or set "
                        "SLUICE_LIBCHDB to its file ("
                        + reason + ")");
}

} // namespace sluice::clickhouse
