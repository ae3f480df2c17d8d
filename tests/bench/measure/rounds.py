"""Measuring in pairs: each way beside a native run, so that what the machine does meanwhile meets both."""
import statistics

from .lab import Failed, say


def is_due(number, rounds, wanted):
    """Whether a way that wants fewer samples than there are rounds is measured in this one: spread over all of them."""
    return number * wanted // rounds != (number - 1) * wanted // rounds


def pair(measure, way, native_first):
    """[of the way, of native], measured one after the other."""
    if native_first:
        native = measure("native")
        return [measure(way), native]
    return [measure(way), measure("native")]


def schedule(wanted):
    """Of each pair: its way, and whether native comes first. The order of the ways rotates from round to round."""
    rounds = max(wanted.values())
    ways = [way for way in wanted if way != "native"] or ["native"]
    for number in range(rounds):
        start = number % len(ways)
        for place, way in enumerate(ways[start:] + ways[:start]):
            if is_due(number, rounds, wanted[way]):
                yield way, (number + place) % 2 == 0


def in_pairs(measure, wanted, failed=lambda way: None):
    """{way: [[its value, the native one beside it], ...]}, of {way: how many}. A way that fails is left out."""
    pairs, left_out = {}, set()
    for way, native_first in schedule(wanted):
        if way in left_out:
            continue
        try:
            pairs.setdefault(way, []).append(pair(measure, way, native_first))
        except Failed as error:
            say(f"{way} is left out here: {error}")
            failed(way)
            left_out.add(way)
    return {way: samples for way, samples in pairs.items() if way not in left_out}


def natives(pairs):
    return [native for samples in pairs.values() for _, native in samples]


def ratios(samples):
    return [value / native for value, native in samples]


def median(values):
    return statistics.median(values)


def summary(samples):
    return {"median": median([value for value, _ in samples]), "ratio": median(ratios(samples)),
            "max_ratio": max(ratios(samples)), "pairs": samples}
