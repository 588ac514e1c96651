// The tests on the real engine, and the processes that they start:
//   engine_test --serve DIRECTORY PORT    serves until its input ends
//   engine_test --write DIRECTORY         inserts tokened blocks for ever
#include <cstdlib>
#include <iostream>
#include <optional>
#include <span>

#include "tests/engine/engine_fixture.hpp"

namespace sluice::clickhouse::testing {

namespace {

struct shared_engine {
  std::optional<scratch_directory> directory;
  std::shared_ptr<endpoint> home;
};

shared_engine& shared() {
  static shared_engine one;
  return one;
}

int serve(const char* directory, const char* port) {
  auto home = embedded_endpoint(directory, "default");
  if (!home) {
    std::cerr << home.error() << '\n';
    return 1;
  }
  auto server =
      serve_embedded(*home, static_cast<std::uint16_t>(std::atoi(port)));
  if (!server) {
    std::cerr << server.error() << '\n';
    return 1;
  }
  std::cout << (*server)->port() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  return 0;
}

int write_for_ever(const char* directory) {
  auto home = embedded_endpoint(directory, "kept");
  if (!home) {
    std::cerr << home.error() << '\n';
    return 1;
  }
  auto writer = (*home)->connect();
  auto created = writer->query(request_of(
      "CREATE TABLE IF NOT EXISTS t (n UInt64) ENGINE = MergeTree ORDER BY n "
      "SETTINGS non_replicated_deduplication_window = 1000"));
  const std::vector<std::string> columns{"n"};
  for (std::uint64_t i = 0; created; ++i) {
    auto wanted = request_of("SELECT toUInt64(" + std::to_string(i) + ") AS n");
    wanted.format = "Native";
    auto block = writer->query(wanted);
    if (!block)
      return 1;
    const auto bytes = std::as_bytes(std::span{*block});
    const std::array<std::span<const std::byte>, 1> pieces{bytes};
    insert_request request;
    request.database = "kept";
    request.table = "t";
    request.columns = columns;
    request.structure = "n UInt64";
    request.pieces = pieces;
    request.rows = 1;
    request.deduplication_token = std::to_string(i);
    auto done = writer->insert(request);
    if (!done)
      return 1;
    std::cout << i << std::endl;
  }
  return 1;
}

} // namespace

std::shared_ptr<endpoint> shared_endpoint() {
  auto& one = shared();
  if (one.home == nullptr) {
    if (!one.directory)
      one.directory.emplace();
    auto opened = embedded_endpoint(one.directory->path() / "data", "main");
    if (!opened) {
      ADD_FAILURE() << opened.error();
      return nullptr;
    }
    one.home = *opened;
  }
  return one.home;
}

std::unique_ptr<client> connected() {
  auto home = shared_endpoint();
  if (home == nullptr) {
    std::cerr << "there is no engine to test\n";
    std::exit(1); // NOLINT(concurrency-mt-unsafe): no test runs any more
  }
  return home->connect();
}

std::string run(client& connection, const std::string& sql,
                const std::string& format) {
  auto request = request_of(sql);
  request.format = format;
  auto result = connection.query(request);
  if (!result) {
    ADD_FAILURE() << sql << ": " << result.error().message;
    return {};
  }
  return *result;
}

query_request request_of(std::string sql) {
  query_request result;
  result.sql = std::move(sql);
  return result;
}

std::filesystem::path this_program() {
  return std::filesystem::read_symlink("/proc/self/exe");
}

scratch_directory::scratch_directory() {
  auto pattern =
      (std::filesystem::temp_directory_path() / "sluice-engine-XXXXXX")
          .string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("cannot make a temporary directory");
  path_ = pattern;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void close_shared_endpoint() {
  shared().home = nullptr;
  shared().directory.reset();
}

} // namespace sluice::clickhouse::testing

int main(int argc, char** argv) {
  using namespace sluice::clickhouse::testing;
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (argc == 4 && std::string_view{arguments[1]} == "--serve")
    return serve(arguments[2], arguments[3]);
  if (argc == 3 && std::string_view{arguments[1]} == "--write")
    return write_for_ever(arguments[2]);
  ::testing::InitGoogleTest(&argc, argv);
  const int result = RUN_ALL_TESTS();
  close_shared_endpoint();
  return result;
}
