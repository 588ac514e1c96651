"""How large a run of the scenarios is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    # Of the comparison, and of most scenarios.
    messages: int
    # Of the sustained run.
    sustained: int
    rounds: int
    # Rows in silver before the history scenarios begin.
    history_rows: int
    # How long live traffic is sent, and how fast where no rate was measured.
    live_seconds: float
    live_rate: int
    # Tables of the many-tables scenario.
    tables: int = 50
    # Days that these rows are of in the gold-history scenario, and how many of
    # them are changed.
    history_days: int = 1000
    changes: int = 9
    # Windows of the gold-backlog scenario.
    backlog_windows: int = 10_000


def half_load(results, plan):
    """Messages a second of live traffic: half of what Sluice has been seen to
    carry, over as long a run as there was."""
    carried = (results.median("sustained", "per_second")
               or results.median("sluice", "per_second"))
    return int(carried / 2) if carried else plan.live_rate
