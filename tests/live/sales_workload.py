"""Random changes of orders and their items, the same ones for the same seed.

What they lead to is judged by PostgreSQL, which runs the same script; the keys
kept here serve to make statements that hit something."""

import random
from datetime import datetime, timedelta

FIRST_DAY = datetime(2026, 2, 18)
DAYS = 6
ORDERS = 120
ITEMS = 400

# Durations of a day that are its very edges; the others are anything.
_EDGES_US = (0, 1, 86_399_999_999)
_PRICES = ("0.01", "0.05", "0.10", "0.33", "1.00", "9.99", "19.95", "-2.50",
           "123.45", "1000.00", "87654321.99", "0.00")


class SalesChanges:
    """Writes scripts of changes to `orders` and `order_items`, in transactions
    of several statements; one in ten is rolled back. Items have no foreign
    key: some come before their order, some outlive it, some never have one."""

    def __init__(self, seed):
        self._random = random.Random(f"sales {seed}")
        self._orders = set()
        self._items = set()
        self.transactions = 0
        self.made = {}

    def script(self, transactions):
        lines = []
        for _ in range(transactions):
            lines += self._transaction()
        return "\n".join(lines)

    def _transaction(self):
        self.transactions += 1
        before = set(self._orders), set(self._items), dict(self.made)
        lines = ["BEGIN;"]
        for _ in range(self._random.choice((1, 1, 1, 2, 3, 8))):
            lines.append(self._statement())
        if self._random.random() < 0.1:
            self._orders, self._items, self.made = before
            return [*lines, "ROLLBACK;"]
        return [*lines, "COMMIT;"]

    def _statement(self):
        kinds = {
            self._order: 12, self._item: 10, self._status: 20,
            self._created_at: 8, self._measures: 12, self._move_item: 8,
            self._delete_item: 5, self._delete_order: 5,
            self._delete_all_of_an_order: 3, self._order_again: 4,
            self._item_again: 4, self._another_order_id: 3,
            self._another_item_id: 2, self._shift_range: 1,
            self._cancel_a_day: 1, self._passing: 2}
        make = self._random.choices(list(kinds), weights=kinds.values())[0]
        statement = make()
        if statement is None:
            make, statement = self._order, self._order()
        if statement is None:
            make, statement = self._delete_order, self._delete_order()
        name = make.__name__.strip("_")
        self.made[name] = self.made.get(name, 0) + 1
        return statement

    # -- values ---------------------------------------------------------------

    def _day(self):
        return self._random.randrange(DAYS)

    def _moment(self):
        of_day = (self._random.choice(_EDGES_US)
                  if self._random.random() < 0.3
                  else self._random.randrange(86_400_000_000))
        moment = FIRST_DAY + timedelta(days=self._day(), microseconds=of_day)
        return f"'{moment:%Y-%m-%d %H:%M:%S.%f}'"

    def _any_status(self):
        return self._random.choice(
            ("'completed'", "'completed'", "'completed'", "'pending'",
             "'cancelled'", "'Completed'", "''"))

    def _price(self):
        if self._random.random() < 0.5:
            return self._random.choice(_PRICES)
        return f"{self._random.randrange(100_000) / 100:.2f}"

    def _order_row(self, order):
        return f"({order}, {self._any_status()}, {self._moment()})"

    def _item_row(self, item, order=None):
        if order is None:
            order = self._random.randrange(ORDERS)
        return (f"({item}, {order}, {self._random.randrange(10)}, "
                f"{self._price()}, {self._price()})")

    def _free(self, taken, keys):
        """A key that no row has; deleted ones come back often."""
        if len(taken) >= keys * 3 // 4:
            return None
        while (key := self._random.randrange(keys)) in taken:
            pass
        return key

    def _taken(self, keys):
        """Sorted: the order of a set is no seed's."""
        return self._random.choice(sorted(keys)) if keys else None

    def _of_one(self, keys, statement):
        """`statement` of the key of any row, if there is one."""
        key = self._taken(keys)
        return None if key is None else statement(key)

    # -- statements -----------------------------------------------------------

    def _order(self):
        """With items of its own, before it or after it, or without."""
        order = self._free(self._orders, ORDERS)
        if order is None:
            return None
        self._orders.add(order)
        statements = [f"INSERT INTO orders VALUES {self._order_row(order)};"]
        for _ in range(self._random.randrange(4)):
            item = self._free(self._items, ITEMS)
            if item is not None:
                self._items.add(item)
                statements.append("INSERT INTO order_items VALUES "
                                  f"{self._item_row(item, order)};")
        self._random.shuffle(statements)
        return " ".join(statements)

    def _item(self):
        item = self._free(self._items, ITEMS)
        if item is None:
            return None
        self._items.add(item)
        return f"INSERT INTO order_items VALUES {self._item_row(item)};"

    def _status(self):
        return self._of_one(self._orders, lambda order: (
            f"UPDATE orders SET status = {self._any_status()} "
            f"WHERE order_id = {order};"))

    def _created_at(self):
        return self._of_one(self._orders, lambda order: (
            f"UPDATE orders SET created_at = {self._moment()} "
            f"WHERE order_id = {order};"))

    def _measures(self):
        return self._of_one(self._items, lambda item: (
            f"UPDATE order_items SET quantity = {self._random.randrange(10)}, "
            f"price = {self._price()}, cost_price = {self._price()} "
            f"WHERE order_item_id = {item};"))

    def _move_item(self):
        order = self._random.randrange(ORDERS)
        return self._of_one(self._items, lambda item: (
            f"UPDATE order_items SET order_id = {order} "
            f"WHERE order_item_id = {item};"))

    def _delete_item(self):
        def statement(item):
            self._items.remove(item)
            return f"DELETE FROM order_items WHERE order_item_id = {item};"
        return self._of_one(self._items, statement)

    def _delete_order(self):
        def statement(order):
            self._orders.remove(order)
            return f"DELETE FROM orders WHERE order_id = {order};"
        return self._of_one(self._orders, statement)

    def _delete_all_of_an_order(self):
        """Which items those are is PostgreSQL's knowledge: keys stay in
        `_items` that no row has, and statements upon them hit nothing."""
        def statement(order):
            self._orders.remove(order)
            return (f"DELETE FROM order_items WHERE order_id = {order}; "
                    f"DELETE FROM orders WHERE order_id = {order};")
        return self._of_one(self._orders, statement)

    def _order_again(self):
        return self._of_one(self._orders, lambda order: (
            f"DELETE FROM orders WHERE order_id = {order}; "
            f"INSERT INTO orders VALUES {self._order_row(order)};"))

    def _item_again(self):
        return self._of_one(self._items, lambda item: (
            f"DELETE FROM order_items WHERE order_item_id = {item}; "
            f"INSERT INTO order_items VALUES {self._item_row(item)};"))

    def _another_key(self, keys, count, table, column):
        """An update of the key: a delete and an insert to Debezium."""
        key, other = self._taken(keys), self._free(keys, count)
        if key is None or other is None:
            return None
        keys.remove(key)
        keys.add(other)
        return f"UPDATE {table} SET {column} = {other} WHERE {column} = {key};"

    def _another_order_id(self):
        return self._another_key(self._orders, ORDERS, "orders", "order_id")

    def _another_item_id(self):
        return self._another_key(self._items, ITEMS, "order_items",
                                 "order_item_id")

    def _shift_range(self):
        """A few orders to the day after, the last day's to the first."""
        low = self._random.randrange(ORDERS)
        last = FIRST_DAY + timedelta(days=DAYS - 1)
        return ("UPDATE orders SET created_at = created_at + CASE WHEN "
                f"created_at >= '{last}' THEN -{DAYS - 1} ELSE 1 END "
                "* interval '1 day' "
                f"WHERE order_id BETWEEN {low} AND {low + 8};")

    def _cancel_a_day(self):
        """Its row is to vanish from gold."""
        day = FIRST_DAY + timedelta(days=self._day())
        return (f"UPDATE orders SET status = 'cancelled' WHERE created_at >= "
                f"'{day}' AND created_at < '{day + timedelta(days=1)}';")

    def _passing(self):
        """An order that only this transaction ever sees."""
        order = self._free(self._orders, ORDERS)
        if order is None:
            return None
        return (f"INSERT INTO orders VALUES {self._order_row(order)}; "
                f"DELETE FROM orders WHERE order_id = {order};")
