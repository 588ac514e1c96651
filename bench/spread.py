"""Several runs of one thing: the middle one, and how far they lie apart."""

from math import hypot
from statistics import median

# What one run alone may be off by: it tells nothing of it.
SPREAD_OF_ONE = 0.25


def relative_spread(values):
    """(largest - smallest) / median; None for one value."""
    values = list(values)
    if len(values) < 2:
        return None
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def summary(values):
    """What is kept of several runs."""
    values = list(values)
    return {"median": median(values), "min": min(values), "max": max(values),
            "spread": relative_spread(values), "runs": values}


def ratio_of(upper, lower):
    """A ratio of two summaries and its relative spread: half of each one's, as
    independent errors add up."""
    if not lower["median"]:
        raise ZeroDivisionError("a ratio to a figure of 0")
    spreads = [SPREAD_OF_ONE if each["spread"] is None else each["spread"]
               for each in (upper, lower)]
    return {"value": upper["median"] / lower["median"],
            "spread": hypot(*spreads) / 2}
