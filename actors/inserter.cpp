#include "actors/inserter.hpp"

#include "actors/failure.hpp"

namespace sluice::actors {

namespace {

clickhouse::insert_request make_request(const insert_block& work,
                                        const silver::table_layout& layout,
                                        const std::string& database) {
  clickhouse::insert_request result;
  result.database = database;
  result.table = layout.table.name;
  result.columns = work.rows->names();
  result.structure = work.rows->structure();
  result.pieces = work.rows->pieces();
  result.rows = work.rows->rows();
  result.deduplication_token = work.token;
  result.filter = layout.table.filter;
  if (layout.deleted_column)
    result.hide_column = layout.block_columns[*layout.deleted_column].name;
  return result;
}

} // namespace

inserter_actor::behavior_type
inserter(inserter_actor::pointer self,
         std::shared_ptr<clickhouse::endpoint> endpoint,
         std::shared_ptr<const silver::table_layout> layout,
         std::string database) {
  keep_failure_text(self);
  std::shared_ptr<clickhouse::client> client = endpoint->connect();
  return {
      [client, layout, database](const insert_block& work) -> insert_answered {
        auto done = client->insert(make_request(work, *layout, database));
        if (done)
          return {std::nullopt};
        return {std::move(done.error())};
      },
  };
}

} // namespace sluice::actors
