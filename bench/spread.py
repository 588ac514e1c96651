"""Several runs of one thing: the middle one, and how far they lie apart."""

from statistics import median


def relative_spread(values):
    """(largest - smallest) / median; 0 for one value."""
    values = list(values)
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def summary(values):
    """What is kept of several runs."""
    values = list(values)
    return {"median": median(values), "min": min(values), "max": max(values),
            "spread": relative_spread(values), "runs": values}


def ratio_of(upper, lower):
    """A ratio of two summaries and its relative spread: of independent runs,
    half of each one's."""
    if not lower["median"]:
        raise ZeroDivisionError("a ratio to a figure of 0")
    return {"value": upper["median"] / lower["median"],
            "spread": (upper["spread"] + lower["spread"]) / 2}
