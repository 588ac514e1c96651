#include "cli/record_files.hpp"

namespace sluice::cli {

tl::expected<std::optional<kafka::owned_record>, std::string>
record_files::next() {
  while (true) {
    if (file_) {
      auto record = file_->next();
      if (!record || *record)
        return record;
      file_.reset();
    }
    if (opened_ == names_.size())
      return std::nullopt;
    auto file = kafka::record_file::open(names_[opened_++]);
    if (!file)
      return tl::unexpected(std::move(file.error()));
    file_.emplace(std::move(*file));
  }
}

tl::expected<std::set<std::string>, std::string>
topics_in(const std::vector<std::string>& names) {
  std::set<std::string> result;
  record_files files{names};
  while (true) {
    const auto record = files.next();
    if (!record)
      return tl::unexpected(record.error());
    if (!*record)
      break;
    result.insert((*record)->where.topic);
  }
  if (result.empty())
    return tl::unexpected("there is no record in " + names.front()
                          + (names.size() > 1 ? " and the other files" : ""));
  return result;
}

} // namespace sluice::cli
