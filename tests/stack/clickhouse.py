"""ClickHouse's HTTP interface, as far as tests read from it."""

import json
import urllib.error
import urllib.parse
import urllib.request


class ClickHouseError(Exception):
    """What ClickHouse answered instead of a result."""


class ClickHouse:
    """Queries against one address; nothing is connected before the first."""

    def __init__(self, url, database="default"):
        self.url = url
        self.database = database

    def execute(self, sql, **settings):
        """Runs one statement and returns the answer as text."""
        query = urllib.parse.urlencode({"database": self.database, **settings})
        request = urllib.request.Request(f"{self.url}/?{query}",
                                         data=sql.encode())
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise ClickHouseError(error.read().decode(
                errors="replace").strip()) from None

    def rows(self, sql, **settings):
        """The rows of one SELECT as tuples; integers stay exact."""
        answer = self.execute(sql + "\nFORMAT JSONCompactEachRow",
                              output_format_json_quote_64bit_integers=0,
                              **settings)
        # splitlines() would also split at characters that text may contain.
        return [tuple(json.loads(line)) for line in answer.split("\n")[:-1]]

    def value(self, sql, **settings):
        """The one value of a SELECT with one row and one column."""
        [[value]] = self.rows(sql, **settings)
        return value

    def answers(self):
        return self.execute("SELECT 1").strip() == "1"
