#include "clickhouse/server/statement_input.hpp"

#include <span>

namespace sluice::clickhouse::server {

namespace {

/// An INSERT whose statement is no longer than this is told from its data.
constexpr std::size_t head_size = std::size_t{1024} * 1024;

std::string cut_off() {
  return exception_text(3, "UNEXPECTED_END_OF_FILE",
                        "The request body ends before its end");
}

std::string too_long() {
  return exception_text(62, "SYNTAX_ERROR", "Max query size exceeded");
}

std::string refused(const statement_shape& shape) {
  if (shape.is_several)
    return exception_text(62, "SYNTAX_ERROR",
                          "Syntax error (Multi-statements are not allowed)");
  if (shape.names_client_file)
    return exception_text(36, "BAD_ARGUMENTS",
                          "INTO OUTFILE and FROM INFILE name files of the "
                          "client, which the HTTP interface cannot reach");
  return {};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

/// Sorts a stream of bytes into statement and data.
class receiver {
public:
  explicit receiver(const query_options& options) : options_(options) {
    input_.sql = options.query;
    if (input_.sql.empty())
      return;
    // A statement that is whole in the URL has nothing but data in the body.
    auto shape = shape_of(input_.sql);
    const bool names_format =
        !shape.format.empty() || !options.default_format.empty();
    if (shape.source != insert_source::statement && names_format)
      begin_data(std::move(shape));
    else
      input_.sql += '\n';
  }

  /// Returns false when there is no use in more bytes.
  bool take(std::string_view bytes) {
    if (has_data_)
      return keep(bytes);
    input_.sql += bytes;
    if (input_.sql.size() < head_size || is_statement_)
      return fits();
    return look();
  }

  tl::expected<statement_input, std::string> finish() {
    if (failure_.empty() && !has_data_)
      (void)look();
    if (failure_.empty())
      failure_ = refused(input_.shape);
    if (failure_.empty() && has_data_) {
      if (!input_.data.finish())
        failure_ = out_of_memory();
      input_.sql =
          reading_from(input_.sql, input_.shape, input_.data.path(),
                       options_.default_format.empty()
                           ? std::string_view{"Values"}
                           : std::string_view{options_.default_format});
    }
    if (!failure_.empty())
      return tl::unexpected(failure_);
    return std::move(input_);
  }

  [[nodiscard]] const std::string& failure() const { return failure_; }

private:
  bool fits() {
    if (input_.sql.size() > statement_size_max)
      failure_ = too_long();
    return failure_.empty();
  }

  bool look() {
    auto shape = shape_of(input_.sql);
    if (shape.source != insert_source::statement)
      return begin_data(std::move(shape));
    is_statement_ = true;
    input_.shape = std::move(shape);
    return fits();
  }

  bool begin_data(statement_shape shape) {
    has_data_ = true;
    input_.shape = std::move(shape);
    const auto rest =
        std::string_view{input_.sql}.substr(input_.shape.data_begin);
    const bool kept = is_blank(rest) || keep(rest);
    input_.sql.resize(input_.shape.data_begin);
    return kept;
  }

  bool keep(std::string_view bytes) {
    if (!input_.data.append(std::as_bytes(std::span{bytes})))
      failure_ = out_of_memory();
    return failure_.empty();
  }

  std::string out_of_memory() {
    return exception_text(241, "MEMORY_LIMIT_EXCEEDED", input_.data.failure());
  }

  const query_options& options_;
  statement_input input_;
  bool has_data_ = false;
  bool is_statement_ = false;
  std::string failure_;
};

} // namespace

tl::expected<statement_input, std::string> receive(const query_options& options,
                                                   http_body& body) {
  receiver sorted{options};
  auto decoder = make_decoder(options.request_coding);
  const byte_sink sink = [&](std::string_view bytes) {
    return sorted.take(bytes);
  };
  auto malformed = [&]() -> tl::expected<statement_input, std::string> {
    if (!sorted.failure().empty())
      return tl::unexpected(sorted.failure());
    return tl::unexpected(
        exception_text(271, "CANNOT_DECOMPRESS",
                       "The request body is not what its encoding says"));
  };
  bool is_empty = true;
  for (auto bytes = body.next(); !bytes.empty(); bytes = body.next()) {
    is_empty = false;
    if (!decoder->feed(bytes, sink))
      return malformed();
  }
  if (body.is_broken())
    return tl::unexpected(cut_off());
  if (!is_empty && !decoder->finish(sink))
    return malformed();
  return sorted.finish();
}

tl::expected<std::string, std::string> receive_text(http_body& body) {
  std::string text;
  for (auto bytes = body.next(); !bytes.empty(); bytes = body.next()) {
    text += bytes;
    if (text.size() > statement_size_max)
      return tl::unexpected(too_long());
  }
  if (body.is_broken())
    return tl::unexpected(cut_off());
  return text;
}

} // namespace sluice::clickhouse::server
