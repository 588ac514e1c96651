"""What all contenders that write into ClickHouse have in common."""

from tests.stack.clickhouse import ClickHouse


class Contender:
    """One way from a topic into silver, for one measurement: prepare(), then
    start(), then it is watched from outside, then stop()."""

    # Word of --only, and words of the table.
    name = ""
    title = ""

    def __init__(self, session, filled):
        self.session = session
        self.filled = filled
        self.group = session.new_name(self.name)
        self.folder = session.folder(self.group)
        # Where silver is asked; set when it answers.
        self.clickhouse: ClickHouse | None = None

    def prepare(self):
        """Everything that is not the contender's own start: servers, tables."""

    def start(self):
        """Begins to consume, as `self.group`; returns at once."""
        raise NotImplementedError

    def has_begun(self, broker):
        """Whether the start is over: from now on it reads. `broker`: a
        connection to it. Errors mean "not yet"."""
        return broker.group_state(self.group) == "Stable"

    def processes(self):
        """Those whose CPU time and memory are the contender's."""
        raise NotImplementedError

    def probe(self):
        """Figures of its own, by name, looked at twice a second."""
        return {}

    def stop(self):
        """Also after a failure anywhere."""
        raise NotImplementedError
