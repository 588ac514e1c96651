# Everything here is a Debian 12 package; scripts/install-dependencies names them.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)

# CAF's and cpp-httplib's Debian packages have no CMake files of their own.
add_library(caf_core INTERFACE)
find_library(CAF_CORE_LIBRARY caf_core REQUIRED)
target_link_libraries(caf_core INTERFACE ${CAF_CORE_LIBRARY} Threads::Threads)

add_library(cpp_httplib INTERFACE)
find_library(CPP_HTTPLIB_LIBRARY cpp-httplib REQUIRED)
# As Debian compiled it (cpp-httplib.pc): otherwise its classes have another
# layout here than in the library.
target_compile_definitions(cpp_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT
  CPPHTTPLIB_ZLIB_SUPPORT CPPHTTPLIB_BROTLI_SUPPORT)
target_link_libraries(cpp_httplib INTERFACE ${CPP_HTTPLIB_LIBRARY}
                                            Threads::Threads)
