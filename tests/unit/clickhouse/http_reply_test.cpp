#include "clickhouse/http_reply.hpp"

#include <gmock/gmock.h>

namespace sluice::clickhouse {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

http_origin origin(std::string ca_file = {}) {
  return {.url = "https://ch:8443",
          .user = "writer",
          .ca_file = std::move(ca_file),
          .timeout = std::chrono::milliseconds{300'000}};
}

error failed(transport_problem problem, bool body_sent,
             const http_origin& where = origin()) {
  http_reply reply;
  reply.problem = problem;
  reply.problem_text = "the library's\nwords";
  reply.body_sent = body_sent;
  return read_reply(std::move(reply), where).error();
}

TEST(HttpReply, ACertificateThatIsNotTrustedNamesTheFileToSet) {
  const auto without = failed(transport_problem::not_trusted, false);
  EXPECT_EQ(without.what, remedy::stop);
  EXPECT_EQ(without.message,
            "the certificate of https://ch:8443 is not trusted (the library's "
            "words): if it has an authority of its own, set "
            "clickhouse.ca_file to that authority's PEM file");
  EXPECT_THAT(
      failed(transport_problem::not_trusted, false, origin("/ca.pem")).message,
      HasSubstr("check clickhouse.ca_file '/ca.pem'"));
}

TEST(HttpReply, AnOutcomeIsUnknownOnceSomethingWasSent) {
  for (const auto problem :
       {transport_problem::timeout, transport_problem::connection_lost}) {
    EXPECT_TRUE(failed(problem, true).outcome_unknown);
    EXPECT_FALSE(failed(problem, false).outcome_unknown);
    EXPECT_EQ(failed(problem, true).what, remedy::retry);
  }
  EXPECT_THAT(failed(transport_problem::timeout, true).message,
              HasSubstr("within 300 s"));
}

TEST(HttpReply, AnExceptionCountsEvenIfTheConnectionBrokeAfterIt) {
  http_reply reply;
  reply.status = 400;
  reply.exception_code = 62;
  reply.body = "Code: 62. DB::Exception: Syntax error";
  reply.problem = transport_problem::connection_lost;
  reply.body_sent = true;
  const auto failure = read_reply(std::move(reply), origin()).error();
  EXPECT_EQ(failure.code, 62);
  EXPECT_EQ(failure.what, remedy::stop);
  EXPECT_FALSE(failure.outcome_unknown);
}

TEST(HttpReply, AnExceptionsHeaderUnderStatus200IsNoSuccess) {
  http_reply reply;
  reply.status = 200;
  reply.exception_code = 241;
  reply.body = "1\n2\nCode: 241. DB::Exception: Memory limit";
  const auto failure = read_reply(std::move(reply), origin()).error();
  EXPECT_EQ(failure.what, remedy::split);
  EXPECT_EQ(failure.message, "Code: 241. DB::Exception: Memory limit");
}

TEST(HttpReply, AnExceptionWithoutATextStillSaysWhich) {
  http_reply reply;
  reply.status = 500;
  reply.exception_code = 242;
  EXPECT_THAT(read_reply(std::move(reply), origin()).error().message,
              AllOf(HasSubstr("242"), HasSubstr("https://ch:8443")));
}

TEST(HttpReply, MessagesAreOneBoundedLine) {
  EXPECT_EQ(one_line("  a\r\n\tb  c\x01 \n"), "a b c");
  EXPECT_EQ(one_line(""), "");
  const auto cut = one_line(std::string(5000, 'x'));
  EXPECT_EQ(cut.size(), 1003U);
  EXPECT_TRUE(cut.ends_with("x..."));
}

} // namespace
} // namespace sluice::clickhouse
