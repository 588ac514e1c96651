// The embedded ClickHouse of a test process: one engine on one temporary
// directory, opened at first use and closed before main returns.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "clickhouse/client.hpp"
#include "clickhouse/endpoints.hpp"

namespace sluice::clickhouse::testing {

/// The shared endpoint; fails the test (with the way to install libchdb) and
/// returns null when it cannot be opened.
std::shared_ptr<endpoint> shared_endpoint();

/// A connection to it; never null, because the process ends when there is no
/// engine to test.
std::unique_ptr<client> connected();

/// A request for one statement, with nothing else set.
query_request request_of(std::string sql);

/// The result of a statement; fails the test on an error.
std::string run(client& connection, const std::string& sql,
                const std::string& format = "TabSeparated");

/// Where this program is, to start it again in a mode of main.cpp.
std::filesystem::path this_program();

/// A directory that is removed at the end of the scope.
class scratch_directory {
public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// Closes the shared engine.
void close_shared_endpoint();

} // namespace sluice::clickhouse::testing
