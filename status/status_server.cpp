#include "status/status_server.hpp"

#include <atomic>
#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include <httplib.h>

#include "status/page.hpp"

namespace sluice::status {

namespace {

// A page for a few people, a scraper and a prober.
constexpr std::size_t server_threads = 4;
constexpr time_t io_timeout_seconds = 5;
// Nothing here takes a body.
constexpr std::size_t request_body_max = 1024;

void answer_readiness(const report& now, httplib::Response& response) {
  std::string text;
  if (is_ready(now)) {
    text = "ready\n";
  } else {
    response.status = 503;
    text = "not ready: " + std::string(to_string(now.health.state)) + "\n";
  }
  for (const auto& reason : now.health.reasons)
    text += reason + "\n";
  response.set_content(text, "text/plain; charset=utf-8");
}

class http_status_server final : public status_server {
public:
  explicit http_status_server(status_sources sources)
      : sources_(std::move(sources)) {
    configure();
    add_routes();
  }

  ~http_status_server() override {
    server_.stop();
    if (thread_.joinable())
      thread_.join();
  }

  http_status_server(const http_status_server&) = delete;
  http_status_server& operator=(const http_status_server&) = delete;

  /// Empty, or why it does not listen.
  std::string listen(const std::string& host, std::uint16_t port) {
    host_ = host;
    const auto where = host + ":" + std::to_string(port);
    errno = 0;
    const auto bound = port == 0
                           ? server_.bind_to_any_port(host)
                           : (server_.bind_to_port(host, port) ? port : -1);
    if (bound <= 0)
      return explain(where, errno);
    port_ = static_cast<std::uint16_t>(bound);
    thread_ = std::thread{[this] {
      server_.listen_after_bind();
      ended_ = true;
    }};
    // stop() before this would find nothing to stop, and join() wait for ever.
    while (!server_.is_running() && !ended_)
      std::this_thread::yield();
    return {};
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }

  [[nodiscard]] std::string url() const override {
    auto host = host_;
    if (host.empty() || host == "0.0.0.0")
      host = "127.0.0.1";
    else if (host == "::")
      host = "::1";
    if (host.find(':') != std::string::npos)
      host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(port_);
  }

private:
  static std::string explain(const std::string& where, int code) {
    const auto begin = "the status page cannot listen on " + where + ": ";
    if (code == EADDRINUSE)
      return begin
             + "the port is in use; choose another in `status: port`, or 0 for "
               "any free one";
    if (code == EACCES)
      return begin
             + "ports below 1024 need privileges; choose another in "
               "`status: port`";
    if (code == EADDRNOTAVAIL || code == 0)
      return begin
             + "the host is no address of this machine; see `status: host`";
    return begin + std::generic_category().message(code);
  }

  void configure() {
    server_.new_task_queue = [] {
      return new httplib::ThreadPool(server_threads);
    };
    server_.set_keep_alive_max_count(1);
    server_.set_read_timeout(io_timeout_seconds);
    server_.set_write_timeout(io_timeout_seconds);
    server_.set_payload_max_length(request_body_max);
    // Not the library's default, SO_REUSEPORT, with which two servers share a
    // port in silence.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.set_exception_handler([](const httplib::Request&,
                                     httplib::Response& response,
                                     const std::exception_ptr& failure) {
      std::string text = "unknown failure";
      try {
        std::rethrow_exception(failure);
      } catch (const std::exception& known) {
        text = known.what();
      } catch (...) {
      }
      response.status = 500;
      response.set_content("no report: " + text + "\n",
                           "text/plain; charset=utf-8");
    });
  }

  void add_routes() {
    using httplib::Request;
    using httplib::Response;
    server_.Get("/", [this](const Request&, Response& response) {
      response.set_content(status_page(sources_.current_report()),
                           "text/html; charset=utf-8");
    });
    server_.Get("/status", [this](const Request&, Response& response) {
      response.set_content(to_json(sources_.current_report(), 2) + "\n",
                           "application/json");
    });
    server_.Get("/metrics", [this](const Request&, Response& response) {
      response.set_content(sources_.metrics(),
                           "text/plain; version=0.0.4; charset=utf-8");
    });
    server_.Get("/healthz", [](const Request&, Response& response) {
      response.set_content("alive\n", "text/plain; charset=utf-8");
    });
    server_.Get("/readyz", [this](const Request&, Response& response) {
      answer_readiness(sources_.current_report(), response);
    });
  }

  status_sources sources_;
  httplib::Server server_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
  std::string host_;
  std::uint16_t port_ = 0;
};

} // namespace

tl::expected<std::unique_ptr<status_server>, std::string>
status_server::start(const std::string& host, std::uint16_t port,
                     status_sources sources) {
  auto server = std::make_unique<http_status_server>(std::move(sources));
  if (auto mistake = server->listen(host, port); !mistake.empty())
    return tl::unexpected(std::move(mistake));
  return server;
}

} // namespace sluice::status
