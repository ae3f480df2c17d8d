"""The indented and fenced blocks of a Markdown page, each with the marks before it and the commands in it."""
import re
from dataclasses import dataclass, field

MARK = re.compile(r"^<!-- (.*) -->$")
FENCE = re.compile(r"^ *(```+|~~~+)")
PROMPT = "$ "


@dataclass
class Command:
    text: str
    shown: list = field(default_factory=list)  # what the page shows that it prints; of a script nothing


@dataclass
class Block:
    page: str
    line: int  # its first, from 1
    lines: list
    marks: list

    def where(self):
        return f"{self.page}:{self.line}"

    def commands(self):
        """After `$ ` one command each, and behind it what it prints; a block without any is one script."""
        if not any(line.startswith(PROMPT) for line in self.lines):
            return [Command("\n".join(self.lines))]
        commands, goes_on = [], False
        for line in self.lines:
            if line.startswith(PROMPT):
                commands.append(Command(line[len(PROMPT):]))
            elif goes_on:
                commands[-1].text += "\n" + line
            elif commands:
                commands[-1].shown.append(line)
            goes_on = line.endswith("\\") and (line.startswith(PROMPT) or goes_on)
        return commands


def indent_of(line):
    return len(line) - len(line.lstrip(" "))


def blocks_of(page, text):
    """Indented by 4 or more behind an empty line, or fenced. Marks are comments of a line of their own before it."""
    lines = text.splitlines()
    blocks, marks, at = [], [], 0
    while at < len(lines):
        line, mark = lines[at].strip(), MARK.match(lines[at].strip())
        fence = FENCE.match(lines[at])
        if fence or (lines[at].startswith("    ") and line and (at == 0 or not lines[at - 1].strip())):
            start = at + 1 if fence else at
            end = end_of_fence(lines, start, fence[1]) if fence else end_of_indented(lines, at)
            blocks.append(Block(page, start + 1, unindented(lines[start:end]), marks))
            at, marks = end + bool(fence), []
            continue
        if mark:
            marks = marks + [mark[1]]
        elif line:
            marks = []
        at += 1
    return blocks


def end_of_fence(lines, at, fence):
    while at < len(lines) and not lines[at].strip().startswith(fence):
        at += 1
    return at


def end_of_indented(lines, at):
    end = at
    while at < len(lines) and (not lines[at].strip() or lines[at].startswith("    ")):
        at += 1
        if lines[at - 1].strip():
            end = at
    return end


def unindented(lines):
    least = min((indent_of(line) for line in lines if line.strip()), default=0)
    return [line[least:] for line in lines]
