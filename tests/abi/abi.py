#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""abi.py: whether the public headers are what they were when SMB3_ABI was last raised.

  abi.py check HEADERS RECORD     compares; status 1 when something has to be done, and says what
  abi.py record HEADERS RECORD    writes down what is there; refuses what wants a new number first

HEADERS is the folder that holds smb3/*.h, RECORD the text file beside this program. What is compared is what
modules are compiled with: structs, unions, enums, types, prototypes and macros, after the preprocessor.
Comments, layout, attributes, names of parameters, and what inline functions do inside are left out.
The compiler is ${CC:-cc}.
"""
import glob
import os
import re
import shlex
import subprocess
import sys

TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[A-Za-z_]\w*|\.?\d[\w.]*|\.\.\.|->|<<|>>|[^\s\w]')
KEYWORDS = {"void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "_Bool",
            "const", "volatile", "restrict", "__restrict", "struct", "union", "enum", "_Atomic"}
QUALIFIERS = {"const", "volatile", "restrict", "__restrict", "_Atomic"}
TAGS = {"struct", "union", "enum"}
OPEN, CLOSE = {"(", "[", "{"}, {")", "]", "}"}


def is_name(token):
    return bool(re.match(r"[A-Za-z_]\w*\Z", token))


# ---- from headers to declarations ----

def preprocessed(headers):
    """The lines that come from the headers, after the preprocessor; #define stays."""
    files = sorted(glob.glob(os.path.join(headers, "smb3", "*.h")))
    source = "".join("#include <smb3/%s>\n" % os.path.basename(f) for f in files)
    command = shlex.split(os.environ.get("CC", "cc")) + [
        "-std=gnu17", "-D_GNU_SOURCE", "-E", "-dD", "-I", headers, "-x", "c", "-"]
    done = subprocess.run(command, input=source, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode or not files:
        sys.exit("abi.py: the headers in %s do not compile" % headers)
    own = os.path.join(os.path.realpath(headers), "smb3") + os.sep
    inside = False
    for line in done.stdout.splitlines():
        marker = re.match(r'# \d+ "(.*?)"', line)
        if marker:
            inside = os.path.realpath(marker[1]).startswith(own)
        elif inside:
            yield line


def without_attributes(tokens):
    out, i = [], 0
    while i < len(tokens):
        if tokens[i] == "__attribute__":
            i = closing(tokens, i + 1) + 1
            continue
        out.append(tokens[i])
        i += 1
    return out


def closing(tokens, at):
    """Where the bracket that opens at `at` is closed."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i] in OPEN) - (tokens[i] in CLOSE)
        if depth == 0:
            return i
    return len(tokens) - 1


def declarations(tokens):
    """Lists of tokens: each declaration without its semicolon, functions without their bodies."""
    at = i = 0
    while i < len(tokens):
        if tokens[i] == "{":
            end = closing(tokens, i)
            if i > at and tokens[i - 1] == ")":
                yield tokens[at:i]
                at = end + 1
            i = end
        elif tokens[i] == ";":
            if i > at:
                yield tokens[at:i]
            at = i + 1
        elif tokens[i] in ("(", "["):
            i = closing(tokens, i)
        i += 1


# ---- one declaration ----

def split_top(tokens, by):
    parts, depth = [[]], 0
    for token in tokens:
        depth += (token in OPEN) - (token in CLOSE)
        if token == by and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def parameter(tokens):
    """A parameter without its name."""
    for i in range(len(tokens) - 2):
        if tokens[i] == "(" and tokens[i + 1] == "*":
            return anonymous([t for k, t in enumerate(tokens) if k != i + 2 or not is_name(t)])
    end = tokens.index("[") if "[" in tokens else len(tokens)
    types = [t for t in tokens[:end] if is_name(t) and t not in QUALIFIERS]
    last = tokens[end - 1] if end else ""
    if is_name(last) and last not in KEYWORDS and len(types) > 1 and tokens[end - 2] not in TAGS:
        return tokens[:end - 1] + tokens[end:]
    return tokens


def anonymous(tokens):
    """Takes the names of parameters out of all lists of parameters."""
    out, i = [], 0
    while i < len(tokens):
        is_list = tokens[i] == "(" and out and (out[-1] == ")" or (
            is_name(out[-1]) and out[-1] not in KEYWORDS))
        if is_list and tokens[i + 1:i + 2] != ["*"]:
            end = closing(tokens, i)
            inner = [parameter(p) for p in split_top(tokens[i + 1:end], ",")]
            out.append("(")
            for k, part in enumerate(inner):
                out += ([","] if k else []) + part
            out.append(")")
            i = end + 1
            continue
        out.append(tokens[i])
        i += 1
    return out


def text(tokens):
    joined = " ".join(tokens)
    joined = re.sub(r"\s+([,;)\]])", r"\1", re.sub(r"([(\[*])\s+", r"\1", joined))
    return re.sub(r"(\w) \(", r"\1(", re.sub(r" \[", "[", joined))


def declared_name(tokens):
    """What a declaration without a body of members declares."""
    for i, token in enumerate(tokens):
        if token == "(" and tokens[i + 1:i + 2] == ["*"] and i + 2 < len(tokens):
            return tokens[i + 2]
        if token == "(" and i and is_name(tokens[i - 1]):
            return tokens[i - 1]
    names = [t for t in (tokens[:tokens.index("[")] if "[" in tokens else tokens) if is_name(t)]
    return names[-1]


def item(tokens):
    """(key, lines) of a declaration; None for what declares nothing of its own."""
    tokens = [t for t in tokens if t not in ("extern", "static", "inline", "__inline")]
    if not tokens or tokens[0] == "_Static_assert":
        return None
    if tokens[0] in TAGS and "{" in tokens:
        at = tokens.index("{")
        end = closing(tokens, at)
        name = tokens[1] if at > 1 else "of " + tokens[at + 1]
        by = "," if tokens[0] == "enum" else ";"
        members = [text(anonymous(m)) for m in split_top(tokens[at + 1:end], by) if m]
        return "%s %s" % (tokens[0], name), members
    if len(tokens) == 2 and tokens[0] in TAGS:
        return None
    kind = "type" if tokens[0] == "typedef" else "function" if "(" in tokens else "variable"
    return "%s %s" % (kind, declared_name(tokens)), [text(anonymous(tokens))]


def look(headers):
    """(ABI number, {key: lines}) of what modules are compiled with."""
    number, items, code = None, {}, []
    for line in preprocessed(headers):
        macro = re.match(r"#\s*define\s+(\w+)(\([^)]*\))?\s*(.*)", line)
        if not macro:
            code += [] if line.startswith("#") else TOKEN.findall(line)
        elif macro[1] == "SMB3_ABI":
            number = int(macro[3])
        elif macro[3] or macro[2]:
            items["macro " + macro[1]] = [(macro[2] or "") + " " + " ".join(TOKEN.findall(macro[3]))]
    for tokens in declarations(without_attributes(code)):
        found = item(tokens)
        if found:
            items[found[0]] = found[1]
    if number is None:
        sys.exit("abi.py: no SMB3_ABI in %s" % headers)
    return number, items


# ---- the record ----

def load(path):
    number, items, key = None, {}, None
    with open(path, encoding="utf-8") as record:
        for line in record.read().splitlines():
            if line.startswith("abi "):
                number = int(line[4:])
            elif line.startswith("\t"):
                items[key].append(line[1:])
            elif line and not line.startswith("#"):
                key = line
                items[key] = []
    return number, items


def save(path, number, items):
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write("# SPDX-License-Identifier: Apache-2.0\n"
                  "# What modules are compiled with: written by tests/abi/run --record, compared by tests/abi/run.\n"
                  "abi %d\n" % number)
        for key in sorted(items):
            out.write(key + "\n" + "".join("\t%s\n" % line for line in items[key]))
    os.replace(path + ".new", path)


def only_added(key, old, new):
    """An enum whose constants all have the values that they had, and some more."""
    if not key.startswith("enum "):
        return False
    if all(" = " in line for line in old + new):
        return set(old) < set(new)
    return new[:len(old)] == old


def changes(old, new):
    """(what breaks modules that were built before, what is only new), in words."""
    broken, fresh = [], []
    for key in sorted(set(old) | set(new)):
        if key not in old:
            fresh.append("%s is new" % key)
        elif key not in new:
            broken.append("%s is gone" % key)
        elif old[key] != new[key] and only_added(key, old[key], new[key]):
            fresh.append("%s has more: %s" % (key, ", ".join(x for x in new[key] if x not in old[key])))
        elif old[key] != new[key]:
            broken.append("%s has changed" % key)
            broken += ["    - " + line for line in old[key] if line not in new[key]]
            broken += ["    + " + line for line in new[key] if line not in old[key]]
            if sorted(old[key]) == sorted(new[key]):
                broken.append("    the order of its members is another one")
    return broken, fresh


def verdict(was, now, broken, fresh):
    """What is to be done, or None."""
    record = "then write it down: tests/abi/run --record"
    if now < was:
        return "SMB3_ABI is %d and was %d before: it only counts up" % (now, was)
    if now > was:
        return "SMB3_ABI was raised from %d to %d; %s" % (was, now, record)
    if broken:
        return ("Modules that were built before would be loaded and go wrong: raise SMB3_ABI in "
                "core/include/smb3/base.h from %d to %d, %s" % (now, now + 1, record))
    if fresh:
        return "Modules that were built before are not concerned, SMB3_ABI stays; " + record[5:]
    return None


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("check", "record"):
        sys.exit(__doc__)
    verb, headers, path = sys.argv[1:]
    now, new = look(headers)
    was, old = load(path) if os.path.exists(path) else (0, {})
    broken, fresh = changes(old, new)
    todo = verdict(was, now, broken, fresh)
    if verb == "record" and (now > was or (now == was and not broken)):
        save(path, now, new)
        print("recorded: ABI %d, %d declarations" % (now, len(new)))
        return 0
    if todo:
        print("\n".join(broken + fresh + [todo]))
    return 1 if todo else 0


sys.exit(main())
