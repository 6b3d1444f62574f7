# SPDX-License-Identifier: Apache-2.0
"""Compares two lists of definitions; called by tools/ctags-agreement with a folder and where to write differences."""

import collections
import functools
import os
import re
import sys

KINDS = ["function", "struct", "union", "enum", "enumerator", "macro", "typedef", "variable"]


def read_ctags(path):
    """Definitions by kind as (path, name, line), and the places of functions that a macro's name stands for."""
    found = collections.defaultdict(set)
    macro_made = set()
    texts = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for row in lines:
            if row.startswith("!"):
                continue
            name, file, _, *fields = row.rstrip("\n").split("\t")
            file = file.removeprefix("./")
            kind = fields[0]
            line = int(next(field for field in fields if field.startswith("line:"))[5:])
            if name.startswith("__anon"):
                continue
            if kind == "function" and re.fullmatch(r"[A-Z0-9_]+", name):
                if file not in texts:
                    texts = {file: open(file, encoding="latin-1").read().split("\n")}
                # A macro where no type stands before it; `int FOO(void)` is a function of that name.
                if re.match(r"(static\s+|notrace\s+|asmlinkage\s+|__\w+\s+)*" + name + r"\s*\(", texts[file][line - 1]):
                    macro_made.add((file, line))
                    continue
            found[kind].add((file, name, line))
    return found, macro_made


def read_ours(path, tree):
    """What the program printed, of the files that ctags was given."""
    found = collections.defaultdict(set)
    given = functools.lru_cache(maxsize=None)(lambda file: os.path.isfile(os.path.join(tree, file)))
    with open(path, encoding="utf-8", errors="replace") as lines:
        for row in lines:
            file, kind, name, line = row.rstrip("\n").split("\t")[:4]
            if given(file):
                found[kind].add((file, name, int(line)))
    return found


def read_syscalls(path):
    found = set()
    with open(path, encoding="utf-8") as lines:
        for row in lines:
            file, line, text = row.rstrip("\n").split(":", 2)
            found.add((file, text.split("(")[1], int(line)))
    return found


def main():
    work, list_folder = sys.argv[1], sys.argv[2]
    theirs, macro_made = read_ctags(f"{work}/ctags")
    ours = read_ours(f"{work}/ours", f"{work}/tree")
    ours["function"] = {row for row in ours["function"] if (row[0], row[2]) not in macro_made}
    theirs["syscall"] = read_syscalls(f"{work}/syscalls")
    print(f"{'kind':<12}{'ctags':>9}{'found':>9}{'%':>8}{'extra':>8}{'%':>7}")
    fails = False
    for kind in KINDS + ["syscall"]:
        common = theirs[kind] & ours[kind]
        missed, extra = theirs[kind] - common, ours[kind] - common
        share = 100 * len(common) / max(1, len(theirs[kind]))
        extra_share = 100 * len(extra) / max(1, len(ours[kind]))
        print(f"{kind:<12}{len(theirs[kind]):>9}{len(common):>9}{share:>8.2f}{len(extra):>8}{extra_share:>7.2f}")
        if kind == "function":
            fails = share < 99.3 or extra_share > 0.5
        if list_folder:
            os.makedirs(list_folder, exist_ok=True)
            for name, rows in (("missed", missed), ("extra", extra)):
                with open(f"{list_folder}/{kind}.{name}", "w", encoding="utf-8") as out:
                    out.writelines(f"{row[0]}:{row[2]}\t{row[1]}\n" for row in sorted(rows))
    print(f"functions that a macro names, set aside: {len(macro_made)}; syscall gold: grep")
    sys.exit(1 if fails else 0)


main()
