#include "bench/change_stream.hpp"

#include "bench/commerce_streams.hpp"
#include "bench/order_stream.hpp"

namespace sluice::bench {

tl::expected<std::unique_ptr<change_stream>, std::string>
make_change_stream(std::string_view name, std::uint64_t seed) {
  if (name == "orders")
    return std::make_unique<order_stream>(seed, order_width::narrow);
  if (name == "orders-wide")
    return std::make_unique<order_stream>(seed, order_width::wide);
  if (name == "users")
    return std::make_unique<user_stream>(seed);
  if (name == "events")
    return std::make_unique<event_stream>(seed);
  return tl::unexpected("no stream '" + std::string{name}
                        + "'; there are orders, orders-wide, users, events");
}

} // namespace sluice::bench
