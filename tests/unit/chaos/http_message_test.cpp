#include "chaos/http_message.hpp"

#include <gtest/gtest.h>

namespace sluice::chaos {
namespace {

TEST(HttpMessage, HasAHeadUpToTheBlankLine) {
  const std::string text = "POST /?a=1 HTTP/1.1\r\ncontent-LENGTH:  12 \r\n"
                           "Expect: 100-continue\r\n\r\nbody";
  for (std::size_t size = 0; size + 4 < text.size(); ++size)
    EXPECT_FALSE(parse_head(std::string_view{text}.substr(0, size))) << size;
  const auto head = parse_head(text);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->start_line, "POST /?a=1 HTTP/1.1");
  EXPECT_EQ(head->bytes, text.size() - 4);
  EXPECT_EQ(head->content_length, 12U);
  EXPECT_TRUE(head->expects_continue);
  EXPECT_FALSE(head->chunked);
}

TEST(HttpMessage, EndsWithItsContentLength) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcNEXT";
  const auto head = parse_head(text);
  ASSERT_TRUE(head);
  body_scanner body{*head};
  EXPECT_FALSE(
      body.is_complete(std::string_view{text}.substr(0, head->bytes + 2)));
  EXPECT_TRUE(body.is_complete(text));
  EXPECT_EQ(text.substr(body.end()), "NEXT");
}

TEST(HttpMessage, EndsWithItsLastChunkHoweverTheBytesArrive) {
  const std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                           "\r\n5;x=y\r\n01\r\n4\r\nA\r\n0123456789\r\n"
                           "0\r\nTrailer: x\r\n\r\nNEXT";
  const auto end = text.size() - 4;
  const auto head = parse_head(text);
  ASSERT_TRUE(head);
  body_scanner at_once{*head};
  EXPECT_TRUE(at_once.is_complete(text));
  EXPECT_EQ(at_once.end(), end);
  body_scanner by_byte{*head};
  for (auto size = head->bytes; size < end; ++size)
    ASSERT_FALSE(by_byte.is_complete(std::string_view{text}.substr(0, size)))
        << size;
  EXPECT_TRUE(by_byte.is_complete(std::string_view{text}.substr(0, end)));
  EXPECT_EQ(by_byte.end(), end);
}

TEST(HttpMessage, IsBrokenByAChunkSizeThatIsNoNumber) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n";
  body_scanner body{*parse_head(text)};
  EXPECT_FALSE(body.is_complete(text));
  EXPECT_TRUE(body.is_broken());
}

TEST(HttpMessage, KnowsTheParametersOfAUrl) {
  const std::string line =
      "POST /?database=d&query=INSERT+INTO%20t%2Fu&empty=&last HTTP/1.1";
  EXPECT_EQ(url_parameter(line, "query"), "INSERT INTO t/u");
  EXPECT_EQ(url_parameter(line, "database"), "d");
  EXPECT_EQ(url_parameter(line, "empty"), "");
  EXPECT_EQ(url_parameter(line, "last"), "");
  EXPECT_EQ(url_parameter(line, "data"), std::nullopt);
  EXPECT_EQ(url_parameter("GET / HTTP/1.1", "query"), std::nullopt);
  EXPECT_EQ(url_parameter("GET /?query=%4", "query"), "%4");
}

} // namespace
} // namespace sluice::chaos
