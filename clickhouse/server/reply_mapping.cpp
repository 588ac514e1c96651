#include "clickhouse/server/reply_mapping.hpp"

#include <algorithm>
#include <array>

namespace sluice::clickhouse::server {

namespace {

// Codes of ClickHouse's src/Common/ErrorCodes.cpp, by status.
constexpr std::array forbidden{192, 193, 497, 512, 516};
constexpr std::array bad_request{6,   8,   15,  25,  26,  27,  36,  37,  38,
                                 41,  44,  53,  62,  72,  117, 123, 167, 168,
                                 223, 321, 376, 427, 441, 675, 676};
constexpr std::array not_found{46, 47, 50,  56,  60,  63, 73,
                               78, 81, 115, 152, 336, 511};
constexpr std::array unavailable{76, 209, 439};

template <class Codes>
bool holds(const Codes& codes, int code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.ends_with(end);
}

} // namespace

int http_status(int code) {
  if (code == 194)
    return 401;
  if (holds(forbidden, code))
    return 403;
  if (holds(bad_request, code))
    return 400;
  if (holds(not_found, code))
    return 404;
  if (code == 229)
    return 413;
  if (code == 48)
    return 501;
  if (holds(unavailable, code))
    return 503;
  if (code == 381)
    return 411;
  if (code == 159)
    return 408;
  return 500;
}

std::string content_type(std::string_view format) {
  if (format.starts_with("JSON") && ends_with(format, "EachRow"))
    return "application/x-ndjson; charset=UTF-8";
  if (format == "JSONLines" || format == "NDJSON")
    return "application/x-ndjson; charset=UTF-8";
  if (format.starts_with("JSON"))
    return "application/json; charset=UTF-8";
  if (format.starts_with("CSV"))
    return format == "CSV" ? "text/csv; charset=UTF-8; header=absent"
                           : "text/csv; charset=UTF-8; header=present";
  if (format.starts_with("TabSeparated") || format.starts_with("TSV"))
    return "text/tab-separated-values; charset=UTF-8";
  if (format == "XML")
    return "application/xml; charset=UTF-8";
  if (format == "Markdown")
    return "text/markdown; charset=UTF-8";
  constexpr std::array<std::string_view, 12> binary{
      "Native",
      "RowBinary",
      "RowBinaryWithNames",
      "RowBinaryWithNamesAndTypes",
      "Parquet",
      "Arrow",
      "ArrowStream",
      "ORC",
      "Avro",
      "MsgPack",
      "BSONEachRow",
      "Protobuf"};
  if (std::find(binary.begin(), binary.end(), format) != binary.end())
    return "application/octet-stream";
  return "text/plain; charset=UTF-8";
}

} // namespace sluice::clickhouse::server
