"""Regressions against stored ratios. Absolute times depend on the machine and
on its day; ratios to what ran beside do so much less."""

import json
from math import hypot

# Two quick runs of the same program differ by this much.
TOLERANCE = 0.15


class Unusable(Exception):
    """The stored file is not what --json writes."""


def load(path, messages, codec):
    """What a run of so many messages can be compared with."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        ratios = stored["ratios"]
        result = {name: (float(value),
                         float(stored.get("ratio_spreads", {}).get(name, 0)))
                  for name, value in ratios.items()}
        then = (int(stored["settings"]["messages"]),
                str(stored["settings"]["codec"]))
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unusable(f"{path} has no ratios: is it a file that "
                       "bench/run --json has written?") from None
    # The end of a short topic, where the last cut waits to be old enough, is
    # more of it.
    if then != (messages, codec):
        raise Unusable(
            f"{path} has ratios of {then[0]:,} messages, codec {then[1]}; this "
            f"run is of {messages:,}, codec {codec}: measure both alike "
            "(--messages, --codec)")
    return result


def compare(stored, now):
    """Lines for people, and the names of the ratios that are worse than stored.
    `stored`: as load() gives them; `now`: as Results.ratios(). What spreads
    much may differ by as much."""
    lines, worse = [], []
    for name, (value, spread) in sorted(stored.items()):
        if name not in now:
            continue
        tolerance = max(TOLERANCE, hypot(spread, now[name]["spread"]))
        least = value * (1 - tolerance)
        is_worse = now[name]["value"] < least
        if is_worse:
            worse.append(name)
        lines.append(
            f"{name}: {now[name]['value']:.2f}, stored {value:.2f}, at least "
            f"{least:.2f} wanted: {'WORSE' if is_worse else 'ok'}")
    return lines, worse
