// A directory that goes away with the test.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <stdlib.h> // NOLINT(modernize-deprecated-headers): mkdtemp

namespace sluice::kafka::test {

class temporary_directory {
public:
  temporary_directory() {
    std::string name =
        (std::filesystem::temp_directory_path() / "sluice-kafka-XXXXXX")
            .string();
    path_ = ::mkdtemp(name.data());
  }
  ~temporary_directory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_all(const std::filesystem::path& path,
                      const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

} // namespace sluice::kafka::test
