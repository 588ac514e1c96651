#include <gmock/gmock.h>

#include "clickhouse/server/http_request.hpp"
#include "clickhouse/server/query_options.hpp"
#include "clickhouse/server/reply_mapping.hpp"

namespace sluice::clickhouse::server {

namespace {

using testing::HasSubstr;
using testing::Pair;

query_options options_of(const std::string& head) {
  auto request = parse_request(head);
  EXPECT_TRUE(request) << head;
  auto options = read_options(request.value_or(http_request{}), {});
  EXPECT_TRUE(options) << options.error();
  return options.value_or(query_options{});
}

std::string refusal_of(const std::string& head) {
  auto request = parse_request(head);
  EXPECT_TRUE(request) << head;
  auto options = read_options(request.value_or(http_request{}), {});
  return options ? "" : options.error();
}

} // namespace

TEST(HttpRequest, ReadsLineParametersAndHeaders) {
  auto request =
      parse_request("POST /a%20b?query=SELECT+1%2B1&x=&y HTTP/1.1\r\n"
                    "Host: x\r\nX-Some:  a b \r\nx-some: last");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->path, "/a b");
  EXPECT_EQ(request->parameter("query"), "SELECT 1+1");
  EXPECT_THAT(request->parameters,
              testing::ElementsAre(Pair("query", "SELECT 1+1"), Pair("x", ""),
                                   Pair("y", "")));
  EXPECT_EQ(request->header("x-some"), "last");
  EXPECT_TRUE(request->keeps_connection());
}

TEST(HttpRequest, RefusesWhatIsNotHttp) {
  for (const char* text : {"", "GET", "GET /", "GET / HTTP/2", "GET x HTTP/1.1",
                           "GET / HTTP/1.1\r\nno colon", "\x16\x03\x01"})
    EXPECT_FALSE(parse_request(text)) << text;
}

TEST(HttpRequest, ReadsAbsoluteTargets) {
  auto request = parse_request("GET http://h:1/p?a=b HTTP/1.1");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->path, "/p");
  EXPECT_EQ(request->parameter("a"), "b");
}

TEST(HttpRequest, KeepsTheConnectionAsItsVersionSays) {
  EXPECT_FALSE(parse_request("GET / HTTP/1.0")->keeps_connection());
  EXPECT_TRUE(parse_request("GET / HTTP/1.0\r\nConnection: Keep-Alive")
                  ->keeps_connection());
  EXPECT_FALSE(
      parse_request("GET / HTTP/1.1\r\nConnection: close")->keeps_connection());
}

TEST(HttpRequest, ReadsLengthsThatAreNumbers) {
  EXPECT_EQ(
      parse_request("POST / HTTP/1.1\r\nContent-Length: 17")->content_length(),
      17U);
  for (const char* bad : {"", "-1", "1x", "99999999999999999999999"})
    EXPECT_FALSE(
        parse_request(std::string{"POST / HTTP/1.1\r\nContent-Length: "} + bad)
            ->content_length())
        << bad;
}

TEST(HttpRequest, DecodesPercentsAndKeepsBrokenOnes) {
  EXPECT_EQ(decoded_url("%41%4a%4A+", true), "AJJ ");
  EXPECT_EQ(decoded_url("a+b", false), "a+b");
  EXPECT_EQ(decoded_url("%", true), "%");
  EXPECT_EQ(decoded_url("%4", true), "%4");
  EXPECT_EQ(decoded_url("%zz", true), "%zz");
}

TEST(QueryOptions, SortParametersSettingsAndTheRest) {
  const auto options =
      options_of("POST /?database=d&default_format=CSV&query_id=q&param_a=1&"
                 "max_threads=2&async_insert=1&user=u&session_id=s&"
                 "session_timeout=9&session_check=1&wait_end_of_query=1 "
                 "HTTP/1.1");
  EXPECT_EQ(options.database, "d");
  EXPECT_EQ(options.default_format, "CSV");
  EXPECT_EQ(options.query_id, "q");
  EXPECT_EQ(options.session_id, "s");
  EXPECT_EQ(options.session_timeout, std::chrono::seconds{9});
  EXPECT_TRUE(options.must_have_session);
  EXPECT_TRUE(options.waits_for_end);
  EXPECT_FALSE(options.is_readonly);
  EXPECT_THAT(options.parameters, testing::ElementsAre(Pair("a", "1")));
  EXPECT_THAT(options.options, testing::ElementsAre(Pair("max_threads", "2")));
}

TEST(QueryOptions, TakeHeadersWhereTheUrlSaysNothing) {
  EXPECT_EQ(options_of("POST / HTTP/1.1\r\nX-ClickHouse-Database: h").database,
            "h");
  EXPECT_EQ(options_of("POST /?database=u HTTP/1.1\r\nX-ClickHouse-Database: h")
                .database,
            "u");
  EXPECT_EQ(
      options_of("POST / HTTP/1.1\r\nX-ClickHouse-Format: JSON").default_format,
      "JSON");
}

TEST(QueryOptions, MakeGetReadOnly) {
  EXPECT_TRUE(options_of("GET /?query=1 HTTP/1.1").is_readonly);
  EXPECT_TRUE(options_of("HEAD /?query=1 HTTP/1.1").is_readonly);
}

TEST(QueryOptions, CompressRepliesOnlyWhenTheSettingSaysSo) {
  const std::string accept = " HTTP/1.1\r\nAccept-Encoding: gzip";
  EXPECT_EQ(options_of("POST /" + accept).reply_coding,
            content_coding::identity);
  EXPECT_EQ(
      options_of("POST /?enable_http_compression=1" + accept).reply_coding,
      content_coding::gzip);
  EXPECT_EQ(options_of("POST /?compress=1" + accept).reply_coding,
            content_coding::native_blocks);
  EXPECT_EQ(options_of("POST /?decompress=1 HTTP/1.1").request_coding,
            content_coding::native_blocks);
}

TEST(QueryOptions, RefuseWhatTheyCannotMean) {
  EXPECT_THAT(refusal_of("POST / HTTP/1.1\r\nContent-Encoding: br"),
              HasSubstr("Code: 48."));
  for (const char* bad : {"-1", "3601", "x", ""})
    EXPECT_THAT(
        refusal_of(std::string{"POST /?session_timeout="} + bad + " HTTP/1.1"),
        HasSubstr("Code: 374."))
        << bad;
}

TEST(Form, GivesItsFields) {
  auto fields = parse_form(
      "multipart/form-data; boundary=AB",
      "--AB\r\nContent-Disposition: form-data; "
      "name=\"query\"\r\n\r\nSELECT\r\n1"
      "\r\n--AB\r\nContent-Disposition: form-data; name=\"param_a\"\r\n\r\n"
      "\r\n--AB--\r\n");
  ASSERT_TRUE(fields) << fields.error();
  EXPECT_THAT(*fields, testing::ElementsAre(Pair("query", "SELECT\r\n1"),
                                            Pair("param_a", "")));
}

TEST(Form, RefusesFilesAndTornBodies) {
  const std::string type = "multipart/form-data; boundary=AB";
  auto file = parse_form(type, "--AB\r\nContent-Disposition: form-data; "
                               "name=\"t\"; filename=\"f\"\r\n\r\n1\r\n--AB--");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error(), HasSubstr("External data"));
  for (const char* torn : {"", "--AB", "--AB\r\n", "--AB\r\nx\r\n\r\n1"})
    EXPECT_FALSE(parse_form(type, torn)) << torn;
  EXPECT_FALSE(parse_form("multipart/form-data", "--AB--"));
}

TEST(ReplyMapping, GivesExceptionsTheirStatus) {
  EXPECT_EQ(http_status(60), 404);
  EXPECT_EQ(http_status(62), 400);
  EXPECT_EQ(http_status(159), 408);
  EXPECT_EQ(http_status(194), 401);
  EXPECT_EQ(http_status(516), 403);
  EXPECT_EQ(http_status(48), 501);
  EXPECT_EQ(http_status(241), 500);
  EXPECT_EQ(http_status(0), 500);
}

TEST(ReplyMapping, GivesFormatsTheirContentType) {
  EXPECT_THAT(content_type("TabSeparated"), HasSubstr("tab-separated"));
  EXPECT_THAT(content_type("JSONCompactEachRow"), HasSubstr("ndjson"));
  EXPECT_THAT(content_type("JSONCompact"), HasSubstr("application/json"));
  EXPECT_THAT(content_type("CSVWithNames"), HasSubstr("header=present"));
  EXPECT_EQ(content_type("Native"), "application/octet-stream");
  EXPECT_THAT(content_type("Pretty"), HasSubstr("text/plain"));
}

} // namespace sluice::clickhouse::server
