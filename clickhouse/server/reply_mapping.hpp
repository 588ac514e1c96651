// How ClickHouse's HTTP interface turns exceptions and formats into HTTP. Pure.
#pragma once

#include <string>
#include <string_view>

namespace sluice::clickhouse::server {

/// The HTTP status of an exception code (ClickHouse,
/// src/Server/HTTP/exceptionCodeToHTTPStatus.cpp).
[[nodiscard]] int http_status(int exception_code);

/// The Content-Type of a result format.
[[nodiscard]] std::string content_type(std::string_view format);

} // namespace sluice::clickhouse::server
