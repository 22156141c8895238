#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""page.py PAGE FOLDER: does what a manual page says, as a reader would.

A literal display whose first line is a comment with nothing but a file's name ("/* upper.c */", "-- upper.lua",
"# upper.conf") is that file; it is written to FOLDER. In one that begins with "$ " the lines after "$ " are
typed to a shell in FOLDER, and what stands below them is what must be printed, where "..." stands for anything
in a line, and a line of it for any lines. All in the order of the page. One line a step: "ok NAME" or "FAIL NAME: why".
"""
import re
import subprocess
import sys

NAME = re.compile(r"(?:/\* ([\w./]+) \*/|(?:--|#) ([\w./]+\.\w+))\Z")


def text_of(line):
    """A line of a literal display without mdoc's escapes."""
    return line.replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")


def displays(path):
    """The literal displays of the page, as lists of lines."""
    inside = None
    with open(path, encoding="utf-8") as page:
        for line in page.read().splitlines():
            if line.startswith(".Bd -literal"):
                inside = []
            elif line == ".Ed" and inside is not None:
                yield inside
                inside = None
            elif inside is not None:
                inside.append(text_of(line))


def steps(lines):
    """(command, wanted lines) of a session; a command goes on after a backslash."""
    command, wanted = None, []
    for line in lines:
        if line.startswith("$ "):
            if command is not None:
                yield command, wanted
            command, wanted = line[2:], []
        elif command.endswith("\\") and not wanted:
            command = command[:-1] + line.strip()
        else:
            wanted.append(line)
    yield command, wanted


def matches(wanted, said):
    pattern = ""
    for line in wanted:
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += re.escape(line).replace(re.escape("..."), ".*") + r"\n"
    return re.fullmatch(pattern, said)


def run(command, wanted, folder):
    done = subprocess.run(["sh", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if matches(wanted, done.stdout):
        return None
    return "wanted %r, got %r" % ("\n".join(wanted), done.stdout)


def main():
    page, folder = sys.argv[1:]
    files = sessions = failed = 0
    for lines in displays(page):
        name = NAME.match(lines[0]) if lines else None
        if name:
            files += 1
            with open("%s/%s" % (folder, name[1] or name[2]), "w", encoding="utf-8") as out:
                out.write("\n".join(lines) + "\n")
            continue
        if not lines or not lines[0].startswith("$ "):
            continue
        for command, wanted in steps(lines):
            sessions += 1
            why = run(command, wanted, folder)
            failed += why is not None
            label = re.sub(r"\W+", "-", command)[:50].strip("-")
            print("FAIL page-%s: %s" % (label, why) if why else "ok page-%s" % label, flush=True)
    if not files or not sessions:
        print("FAIL page: there is nothing in it to follow")
        failed += 1
    return 1 if failed else 0


sys.exit(main())
