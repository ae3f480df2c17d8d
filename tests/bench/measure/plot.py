"""A plot as SVG: seconds over ranks, both logarithmic, a panel for each number of nodes, a line for each way."""
import math

WIDTH, HEIGHT = 380, 340  # of a panel's axes
LEFT, TOP, GAP, LEGEND = 64, 48, 28, 150
# Told apart by those who see no colours too: each has its own mark.
COLOURS = ["#333333", "#0072b2", "#009e73", "#d55e00", "#cc79a7", "#b8860b", "#56b4e9",
           "#7f3c8d"]
MARKS = ["M-4-4h8v8h-8z", "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", "M0-6L6 5H-6z", "M0-6L6 0L0 6L-6 0z", "M0 6L6-5H-6z",
         "M-5-5L5 5M-5 5L5-5", "M0-6V6M-6 0H6", "M-6-3h12v6h-12z"]


class Scale:
    """From a value to a place between `begin` and `end`, logarithmically."""

    def __init__(self, low, high, begin, end):
        self.low, self.span = math.log(low), math.log(high) - math.log(low) or 1
        self.begin, self.length = begin, end - begin

    def __call__(self, value):
        return round(self.begin + (math.log(value) - self.low) / self.span * self.length, 1)


def seconds_ticks(values):
    steps = [step * 10**power for power in range(-2, 4) for step in (1, 2, 5)]
    low = max(step for step in steps if step <= min(values))
    high = min(step for step in steps if step >= max(values))
    return [step for step in steps if low <= step <= high]


def text(x, y, words, anchor="middle", more=""):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{more}>{words}</text>'


def line(x1, y1, x2, y2, colour):
    return f'<path d="M{x1} {y1}L{x2} {y2}" stroke="{colour}" fill="none"/>'


def mark(index, x, y):
    colour = COLOURS[index % len(COLOURS)]
    return f'<path transform="translate({x} {y})" d="{MARKS[index % len(MARKS)]}" fill="{colour}" stroke="{colour}"/>'


def axes(left, title, across, up, ranks, seconds):
    bottom = TOP + HEIGHT
    yield text(left + WIDTH / 2, TOP - 12, title, more=' font-weight="bold"')
    for count in ranks:
        yield line(across(count), TOP, across(count), bottom, "#e4e4e4")
        yield text(across(count), bottom + 18, count)
    for value in seconds:
        yield line(left, up(value), left + WIDTH, up(value), "#e4e4e4")
        yield text(left - 6, up(value) + 4, f"{value:g}", "end")
    yield line(left, bottom, left + WIDTH, bottom, "#333333") + line(left, TOP, left, bottom, "#333333")
    yield text(left + WIDTH / 2, bottom + 40, "ranks")


def curve(index, points, across, up):
    """`points` are {ranks: seconds}."""
    places = [(across(ranks), up(seconds)) for ranks, seconds in sorted(points.items())]
    path = "M" + "L".join(f"{x} {y}" for x, y in places)
    yield f'<path d="{path}" fill="none" stroke="{COLOURS[index % len(COLOURS)]}" stroke-width="1.8"/>'
    for x, y in places:
        yield mark(index, x, y)


def panel(left, title, curves, ways, seconds):
    ranks = sorted({count for points in curves.values() for count in points})
    across = Scale(ranks[0], ranks[-1], left + 20, left + WIDTH - 20)
    up = Scale(seconds[0], seconds[-1], TOP + HEIGHT, TOP)
    yield from axes(left, title, across, up, ranks, seconds)
    for index, way in enumerate(ways):
        if way in curves:
            yield from curve(index, curves[way], across, up)


def legend(left, ways):
    for index, way in enumerate(ways):
        y = TOP + 12 + 24 * index
        yield line(left, y, left + 28, y, COLOURS[index % len(COLOURS)]) + mark(index, left + 14, y)
        yield text(left + 38, y + 4, way, "start")


def svg(panels, ways):
    """`panels` are {title: {way: {ranks: seconds}}}."""
    seconds = seconds_ticks([value for curves in panels.values() for points in curves.values()
                             for value in points.values()])
    parts = [text(18, TOP + HEIGHT / 2, "seconds", more=f' transform="rotate(-90 18 {TOP + HEIGHT / 2})"')]
    left = LEFT
    for title, curves in panels.items():
        parts.extend(panel(left, title, curves, ways, seconds))
        left += WIDTH + LEFT
    parts.extend(legend(left - GAP, ways))
    width, height = left + LEGEND, TOP + HEIGHT + 56
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'font-family="sans-serif" font-size="13">\n<rect width="100%" height="100%" fill="white"/>\n'
            + "\n".join(parts) + "\n</svg>\n")
