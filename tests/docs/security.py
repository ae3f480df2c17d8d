"""The security model (wrapper/run/SECURITY.md) and the tests it names: each is there, and none of the files about
hostility is forgotten.
"""
import glob
import os
import re
import sys

REPO = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
PAGE = "wrapper/run/SECURITY.md"
ALL_NAMED = ["e2e/other_user", "e2e/own_mistakes", "e2e/hostile_image", "e2e/hostile_rank", "e2e/hostile_peer"]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def tests_in(place):
    """The names of the tests of a .bats file, or of all of a directory's .cpp files, each with its suite."""
    bats = os.path.join(REPO, "tests", place + ".bats")
    if os.path.isfile(bats):
        return re.findall(r"^@test [\"'](.+)[\"'] *\{", read(bats), re.M)
    files = glob.glob(os.path.join(REPO, "tests", place, "*.cpp"))
    found = [re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", read(file), re.M) for file in files]
    return [f"{suite}.{name}" for each in found for suite, name in each]


def rows(text):
    """The cells of each row of a table whose last column says by what it is tried."""
    in_table = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and cells[-1] == "tried by":
            in_table = True
        elif not cells:
            in_table = False
        elif in_table and not set(cells[0]) <= set("-"):
            yield cells


def named_in(row):
    """(place, test) of each test that a row names."""
    return [tuple(name.split(": ", 1)) for name in re.findall(r"`((?:e2e|unit)/\w+: [^`]+|golden: [^`]+)`", row[-1])]


def main():
    wrong, all_rows = [], list(rows(read(os.path.join(REPO, PAGE))))
    named = {name for row in all_rows for name in named_in(row)}
    wrong += [f"no test is named for: {row[0]}" for row in all_rows if not named_in(row)]
    wrong += [f"there is no test {place}: {test}" for place, test in sorted(named) if test not in tests_in(place)]
    wrong += [f"in no row: {place}: {test}" for place in ALL_NAMED for test in tests_in(place) if (place, test) not in named]
    for line in wrong:
        print(f"{PAGE}: {line}", file=sys.stderr)
    print(f"{len(all_rows)} rows, {len(named)} tests, {len(wrong)} wrong")
    return wrong != [] or not all_rows


if __name__ == "__main__":
    sys.exit(main())
