"""Tables as aligned text or as Markdown, and the files with the results."""
import json
import os

from .lab import BUILD, say


def as_text(head, rows):
    """A column without a head has words, the others have numbers."""
    lines = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    aligned = [str.rjust if name else str.ljust for name in head]
    return "\n".join("  ".join(map(lambda put, cell, width: put(cell, width), aligned, line, widths)).rstrip()
                     for line in lines)


def as_markdown(head, rows):
    lines = [head, ["---:" if name else "---" for name in head], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def show(title, head, rows, markdown):
    table = as_markdown(head, rows) if markdown else as_text(head, rows)
    print(f"\n{title}\n\n{table}" if markdown else f"\n{title}\n{table}", flush=True)


def say_notes(notes, markdown):
    print("\n" + "\n".join(f"{'- ' if markdown else ''}{note}" for note in notes), flush=True)


def add_options(parser, name):
    parser.add_argument("--markdown", action="store_true", help="the tables as Markdown")
    parser.add_argument("--out", metavar="DIR", default=os.path.join(BUILD, name),
                        help=f"where results.json goes (default: build-bench/{name})")


def write(directory, name, text):
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        file.write(text)
    say(f"wrote {os.path.join(directory, name)}")


def write_results(directory, results):
    write(directory, "results.json", json.dumps(results, indent=1) + "\n")
