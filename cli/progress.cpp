#include "cli/progress.hpp"

#include <algorithm>
#include <ostream>

#include "status/age.hpp"

namespace sluice::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t bar_width = 30;
/// Without a terminal: how often it is said how far it is.
constexpr std::chrono::seconds tell_interval{10};

} // namespace

std::string progress_text(std::size_t done, std::size_t all,
                          milliseconds took) {
  auto result =
      std::to_string(done) + " of " + std::to_string(all) + " windows";
  if (done == 0 || done >= all)
    return result;
  const auto left = took * static_cast<std::int64_t>(all - done)
                    / static_cast<std::int64_t>(done);
  return result + ", about " + status::age_text(left) + " left";
}

std::string progress_bar(std::size_t done, std::size_t all, milliseconds took) {
  const auto full =
      all == 0 ? bar_width : bar_width * std::min(done, all) / all;
  return "[" + std::string(full, '#') + std::string(bar_width - full, '-')
         + "] " + progress_text(done, all, took);
}

progress::progress(std::ostream& to, bool is_terminal, std::size_t all)
    : to_{to}, is_terminal_{is_terminal}, all_{all},
      began_{steady_clock::now()}, told_{began_} {
  draw();
}

progress::~progress() { clear(); }

void progress::add(const std::string& line) {
  ++done_;
  tell(line);
}

void progress::tell(const std::string& line) {
  clear();
  to_ << line << std::endl;
  draw();
}

void progress::draw() {
  const auto now = steady_clock::now();
  const auto took = std::chrono::duration_cast<milliseconds>(now - began_);
  if (is_terminal_) {
    to_ << progress_bar(done_, all_, took) << std::flush;
    is_drawn_ = true;
  } else if (done_ < all_ && now - told_ >= tell_interval) {
    told_ = now;
    to_ << progress_text(done_, all_, took) << std::endl;
  }
}

void progress::clear() {
  if (is_drawn_)
    to_ << "\r\x1b[K";
  is_drawn_ = false;
}

} // namespace sluice::cli
