#include "clickhouse/http_connection.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <new>
#include <optional>
#include <string_view>

#include <curl/curl.h>
#include <strings.h>

namespace sluice::clickhouse {

namespace {

// ClickHouse closes an idle connection after 10 s (30 s since 24.2; 3 s before
// 23.3). One that has been idle longer than this is not used again, so that a
// request hardly ever meets a connection that is just being closed.
constexpr long idle_seconds_max = 2;

// Larger than libcurl's 64 KiB: fewer system calls for blocks of many MB.
constexpr long upload_buffer_bytes = 512L << 10U;

// Below this, waiting for "100 Continue" costs more than sending what a server
// that refuses the request will throw away.
constexpr std::uint64_t expect_bytes_min = 1U << 20U;

struct list_deleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using header_list = std::unique_ptr<curl_slist, list_deleter>;

bool append(header_list& list, const std::string& line) {
  auto* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr)
    return false;
  // The list's head changes with the first line only.
  if (list == nullptr)
    list.reset(longer);
  return true;
}

/// One request under way, as libcurl's callbacks see it.
struct exchange {
  const http_request& request;
  http_reply reply;
  bool body_failed = false;
};

std::size_t read_body(char* out, std::size_t size, std::size_t count,
                      void* context) {
  auto& call = *static_cast<exchange*>(context);
  const auto filled = call.request.body.read({out, size * count});
  if (!filled) {
    call.body_failed = true;
    return CURL_READFUNC_ABORT;
  }
  call.reply.body_sent = call.reply.body_sent || *filled != 0;
  return *filled;
}

// libcurl rewinds when it sends a request again over a new connection, because
// the kept-alive one was closed before any byte of an answer ("100 Continue"
// is one, so this happens to small bodies only).
int rewind_body(void* context, curl_off_t offset, int origin) {
  auto& call = *static_cast<exchange*>(context);
  const auto to_begin = offset == 0 && origin == SEEK_SET;
  const auto allowed = call.request.repeatable || !call.reply.body_sent;
  if (!to_begin || !allowed || !call.request.body.rewind())
    return CURL_SEEKFUNC_FAIL;
  call.reply.sent_twice = call.reply.sent_twice || call.reply.body_sent;
  return CURL_SEEKFUNC_OK;
}

std::size_t write_reply(char* bytes, std::size_t size, std::size_t count,
                        void* context) {
  auto& call = *static_cast<exchange*>(context);
  try {
    call.reply.body.append(bytes, size * count);
  } catch (const std::exception&) {
    return 0; // no memory: libcurl reports a write error
  }
  return size * count;
}

std::optional<std::string_view> value_of(std::string_view line,
                                         std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':'
      || strncasecmp(line.data(), name.data(), name.size()) != 0)
    return std::nullopt;
  line.remove_prefix(name.size() + 1);
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = line.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return std::string_view{};
  return line.substr(begin, line.find_last_not_of(blanks) + 1 - begin);
}

std::size_t read_header(char* bytes, std::size_t size, std::size_t count,
                        void* context) {
  auto& reply = static_cast<exchange*>(context)->reply;
  const std::string_view line{bytes, size * count};
  // "100 Continue" is an answer of its own before the answer.
  if (line.starts_with("HTTP/")) {
    reply.exception_code = 0;
    reply.exception_tag.clear();
  }
  if (const auto code = value_of(line, "X-ClickHouse-Exception-Code"))
    std::from_chars(code->data(), code->data() + code->size(),
                    reply.exception_code);
  if (const auto tag = value_of(line, "X-ClickHouse-Exception-Tag"))
    reply.exception_tag = *tag;
  return size * count;
}

transport_problem problem_of(CURLcode code, bool connected) {
  switch (code) {
  case CURLE_OK:
    return transport_problem::none;
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_COULDNT_CONNECT:
    return transport_problem::unreachable;
  case CURLE_OPERATION_TIMEDOUT:
    return connected ? transport_problem::timeout
                     : transport_problem::unreachable;
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
    return transport_problem::not_trusted;
  case CURLE_SSL_CONNECT_ERROR:
    return transport_problem::tls_handshake;
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_BAD_FUNCTION_ARGUMENT:
  case CURLE_FAILED_INIT:
  case CURLE_NOT_BUILT_IN:
    // The second also stands for an answer that is no HTTP/1.
    return connected ? transport_problem::connection_lost
                     : transport_problem::unusable;
  default:
    return transport_problem::connection_lost;
  }
}

long milliseconds(std::chrono::milliseconds duration) {
  return static_cast<long>(duration.count());
}

} // namespace

struct http_connection::handle {
  struct easy_deleter {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  };
  std::unique_ptr<CURL, easy_deleter> easy{curl_easy_init()};
  std::array<char, CURL_ERROR_SIZE> words{};

  void set_up(exchange& call, const header_list& headers) {
    auto* curl = easy.get();
    const auto& request = call.request;
    curl_easy_reset(curl); // keeps the connection
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, idle_seconds_max);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     milliseconds(request.connect_timeout));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
    words.front() = '\0';
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words.data());
    if (!request.ca_file.empty())
      curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes);
    if (const auto size = request.body.size())
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(*size));
    if (request.compressed_reply)
      curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "zstd, gzip");
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_body);
    curl_easy_setopt(curl, CURLOPT_READDATA, &call);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_body);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, &call);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write_reply);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &call);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &call);
  }
};

http_connection::http_connection() : handle_(std::make_unique<handle>()) {}

http_connection::~http_connection() = default;

http_reply http_connection::post(const http_request& request) {
  exchange call{.request = request, .reply = {}};
  auto unusable = [&call](std::string words) {
    call.reply.problem = transport_problem::unusable;
    call.reply.problem_text = std::move(words);
    return std::move(call.reply);
  };
  if (handle_->easy == nullptr)
    return unusable("libcurl cannot be initialised");
  header_list headers;
  auto complete = true;
  for (const auto& line : request.headers)
    complete = complete && append(headers, line);
  complete =
      complete && append(headers, "Content-Type: application/octet-stream");
  if (!request.body.size())
    complete = complete && append(headers, "Transfer-Encoding: chunked");
  if (request.body.content_size() < expect_bytes_min)
    complete = complete && append(headers, "Expect:");
  if (!complete)
    return unusable("out of memory");

  handle_->set_up(call, headers);
  const auto result = curl_easy_perform(handle_->easy.get());
  curl_easy_getinfo(handle_->easy.get(), CURLINFO_RESPONSE_CODE,
                    &call.reply.status);
  curl_off_t connected_us = 0;
  curl_easy_getinfo(handle_->easy.get(), CURLINFO_PRETRANSFER_TIME_T,
                    &connected_us);
  call.reply.problem =
      problem_of(result, connected_us != 0 || call.reply.body_sent);
  if (result != CURLE_OK)
    call.reply.problem_text = handle_->words.front() != '\0'
                                  ? handle_->words.data()
                                  : curl_easy_strerror(result);
  if (call.body_failed)
    call.reply.problem_text = "the block could not be compressed";
  return std::move(call.reply);
}

} // namespace sluice::clickhouse
