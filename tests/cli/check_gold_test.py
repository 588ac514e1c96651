"""What `sluice check` says of a gold's SQL, by ClickHouse's own parser."""

from tests.cli.command_line import COMMERCE, CommandLineTestCase
from tests.stack import sluice
from tests.stack.process import Process

SALES = COMMERCE.parent / "sales.yaml"

TOPOLOGY = """\
pipeline: shop
clickhouse: {{database: shop}}
tables:
  orders:
    topic: pg.orders
    key: [order_id]
    columns:
      order_id: Int64
      user_id: Int32
      region: String
      at: {type}
  clicks:
    topic: pg.clicks
    mode: append
    columns: {{user_id: Int32, at: DateTime}}
  users:
    topic: pg.users
    key: [user_id]
    columns: {{user_id: Int32, name: String, country: String}}
gold:
  by_user:
    window: {{every: day, over: orders.at}}
{more}    key: [user_id]
    columns: {{user_id: Int32, n: UInt64}}
    sql: |
      {sql}
"""

WITHIN = "at >= {window_start} AND at < {window_end}"
ESCAPED = WITHIN.replace("{", "{{").replace("}", "}}")
DIMENSION = "    dimensions: {users: {on: user_id}}\n"


class GoldCheckTest(CommandLineTestCase):
    def topology(self, sql, more="", type_="DateTime64(3)"):
        path = self.folder / "shop.yaml"
        path.write_text(TOPOLOGY.format(sql=sql, more=more, type=type_),
                        encoding="utf-8")
        return path

    def warnings(self, sql, more="", type_="DateTime64(3)"):
        """The lines on standard error of a check that passes."""
        path = self.topology(sql, more, type_)
        done = self.sluice("check", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stderr.splitlines()
        return [line.removeprefix(f"{path}:21:3: warning: the SQL of gold "
                                  "by_user ") for line in lines]

    def assert_warns(self, part, sql, more="", type_="DateTime64(3)"):
        lines = self.warnings(sql, more, type_)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(part), lines[0])

    def assert_refused(self, part, sql):
        path = self.topology(sql)
        lines = self.refuse(2, "check", path)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(
            f"{path}:21:3: ClickHouse refuses the SQL of gold by_user: "),
            lines[0])
        self.assertIn(part, lines[0])

    def test_the_examples_are_fine(self):
        for path in (COMMERCE, SALES):
            done = self.sluice("check", path)
            self.assertEqual((done.returncode, done.stderr), (0, ""), path)

    def test_sql_that_does_not_parse(self):
        self.assert_refused("Syntax error",
                            f"SELECT user_id, count( AS n FROM orders WHERE "
                            f"{WITHIN} GROUP BY user_id")

    def test_a_column_that_no_table_has(self):
        self.assert_refused("userid",
                            f"SELECT userid AS user_id, count() AS n "
                            f"FROM orders WHERE {WITHIN} GROUP BY user_id")

    def test_a_table_that_is_not_there(self):
        # It may be a view that somebody else has made.
        [line] = self.warnings(f"SELECT user_id, count() AS n FROM orderz "
                               f"WHERE {WITHIN} GROUP BY user_id")
        self.assertIn("the SQL of gold by_user reads what this topology does "
                      "not define", line)
        self.assertTrue(line.endswith(": did you mean 'orders'?"), line)

    def test_a_column_that_the_gold_table_has_and_the_sql_lacks(self):
        self.assert_refused("yields no column n (it yields: user_id, total): "
                            "name it with AS n",
                            f"SELECT user_id, count() AS total FROM orders "
                            f"WHERE {WITHIN} GROUP BY user_id")

    def test_a_column_that_the_gold_table_lacks(self):
        self.assert_refused("yields a column m that is not declared",
                            f"SELECT user_id, count() AS n, 1 AS m "
                            f"FROM orders WHERE {WITHIN} GROUP BY user_id")

    def test_a_table_that_marks_nothing(self):
        sql = (f"SELECT user_id, count() AS n FROM orders JOIN users "
               f"USING (user_id) WHERE {WITHIN} GROUP BY user_id")
        self.assert_warns("reads table users, which is not its 'over' table, "
                          "nor under 'children' or 'dimensions'", sql)
        self.assertEqual(self.warnings(sql, DIMENSION), [])
        in_set = (f"SELECT user_id, count() AS n FROM orders WHERE {WITHIN} "
                  f"AND user_id IN (SELECT user_id FROM users) "
                  f"GROUP BY user_id")
        self.assert_warns("reads table users", in_set)

    def test_rows_outside_of_the_window(self):
        select = ("SELECT user_id, count() AS n FROM orders WHERE {} "
                  "GROUP BY user_id")
        end = "at <= {window_end} AND at >= {window_start}"
        for type_ in ("DateTime", "DateTime64(6)", "Date",
                      "Nullable(DateTime64(3))"):
            with self.subTest(type_):
                self.assertEqual(
                    self.warnings(select.format(WITHIN), "", type_), [])
                self.assert_warns("reads rows of orders whose at is at "
                                  "{window_end} or later, as far",
                                  select.format(end), "", type_)
        self.assert_warns(
            "reads rows of orders whose at is before {window_start}, as far",
            select.format("at < {window_end} AND {window_start} < now()"))
        self.assert_warns(
            "reads rows of orders whose at is before {window_start}, and at "
            "{window_end} or later, as far",
            select.format("{window_start} < {window_end}"))
        by_date = "toDate(at) = toDate({window_start}) AND {window_end} > at"
        self.assertEqual(self.warnings(select.format(by_date)), [])

    def test_windows_of_another_time_zone(self):
        zone = "    timezone: Europe/Berlin\n"
        select = ("SELECT user_id, count() AS n FROM orders WHERE {} "
                  "GROUP BY user_id")
        for type_ in ("DateTime", "Date"):
            self.assertEqual(
                self.warnings(select.format(WITHIN), zone, type_), [])
        local = ("toDate(at, 'Europe/Berlin') = toDate({window_start}) "
                 "AND {window_end} > {window_start}")
        self.assertEqual(self.warnings(select.format(local), zone), [])
        utc = local.replace("Europe/Berlin", "UTC")
        self.assert_warns("reads rows of orders whose at is at {window_end}",
                          select.format(utc), zone)

    def test_a_key_that_can_come_twice(self):
        select = "SELECT {} FROM {} WHERE " + ESCAPED + " {}"
        self.assert_warns(
            "can yield a key (user_id) more than once, and such a run fails: "
            "it groups by region. Group by the key alone",
            select.format("user_id, count() AS n", "orders",
                          "GROUP BY user_id, region"))
        self.assert_warns(
            "can yield a key (user_id) more than once, and such a run fails: "
            "it yields a row for each row of orders",
            select.format("user_id, toUInt64(1) AS n", "orders", ""))
        self.assert_warns(
            "can yield a key (user_id) more than once, and such a run fails: "
            "its DISTINCT rows also differ in toUInt64(...)",
            select.format("DISTINCT user_id, toUInt64(order_id) AS n",
                          "orders", ""))
        for columns, rest in (
                ("user_id, count() AS n", "GROUP BY ALL"),
                ("toInt32(3) AS user_id, count() AS n", ""),
                ("user_id, count() AS n", "GROUP BY user_id, user_id % 7"),
                ("DISTINCT user_id, toUInt64(1) AS n", "")):
            self.assertEqual(
                self.warnings(select.format(columns, "orders", rest)), [])

    def test_what_follows_from_a_joined_tables_key_makes_no_key_come_twice(
            self):
        select = ("SELECT {} AS user_id, count() AS n FROM orders AS o {} "
                  f"WHERE {ESCAPED} GROUP BY user_id, {{}}")
        users = "users AS u ON u.user_id = o.user_id"
        for key, join, rest in (
                ("u.user_id", f"JOIN {users}", "u.name, u.country"),
                ("o.user_id", f"JOIN {users}", "u.name"),
                ("o.user_id", f"LEFT JOIN {users}", "u.name"),
                ("o.user_id", "JOIN users AS u USING (user_id)", "u.name")):
            sql = select.format(key, join, rest)
            self.assertEqual(self.warnings(sql, DIMENSION), [], sql)
        twice = "can yield a key (user_id) more than once"
        by_name = "JOIN users AS u ON u.name = o.region"
        self.assert_warns(twice, select.format("o.user_id", by_name,
                                               "u.country"), DIMENSION)
        either = (f"JOIN {users} OR u.name = o.region")
        self.assert_warns(twice, select.format("o.user_id", either,
                                               "u.country"), DIMENSION)
        # Of orders without a user only the other side tells the user.
        self.assert_warns(twice,
                          f"SELECT u.user_id AS user_id, count() AS n "
                          f"FROM orders AS o LEFT JOIN {users} "
                          f"WHERE {WITHIN} GROUP BY u.user_id, o.user_id",
                          DIMENSION)

    def test_says_what_it_did_not_look_at(self):
        [line] = self.warnings(
            f"SELECT user_id, sum(n) AS n FROM (SELECT user_id, 1 AS n "
            f"FROM orders WHERE {WITHIN}) GROUP BY user_id WITH ROLLUP")
        self.assertIn("not checked with ClickHouse itself: whether the SQL of "
                      "gold by_user can yield a key twice was not looked at",
                      line)

    def test_without_a_server_the_rest_is_still_checked(self):
        path = self.topology("SELECT user_id, count( AS n FROM orders WHERE "
                             f"{WITHIN} GROUP BY user_id")
        done = self.sluice("check", path, env={
            "SLUICE_LIBCHDB": str(self.folder / "no.so")})
        self.assertEqual(done.returncode, 0)
        self.assertIn("not checked with ClickHouse itself", done.stderr)
        path = self.topology(f"SELECT user_id, count() AS n FROM orders WHERE "
                             f"{WITHIN} GROUP BY user_id", "",
                             "Array(DateTime)")
        lines = self.refuse(2, "check", path, "--offline")
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("gold by_user: window.over names orders.at, whose type "
                      "Array(DateTime) is no time", lines[0])

    def test_a_node_says_at_its_start_which_gold_cannot_run(self):
        path = self.topology(f"SELECT userid AS user_id, count() AS n "
                             f"FROM orders WHERE {WITHIN} GROUP BY user_id")
        log = self.folder / "node.log"
        node = Process("sluice run",
                       [sluice.binary(), "run", path, "--data",
                        self.folder / "data"], log, env=self.env)
        self.addCleanup(node.stop)
        node.wait_until("it says so", lambda: (
            "gold by_user cannot run: ClickHouse refuses its SQL: "
            in log.read_text(encoding="utf-8")), 60)
        self.succeed("status", "--wait-caught-up", "90s")
