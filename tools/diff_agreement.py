# SPDX-License-Identifier: Apache-2.0
"""Compares `nenrin diff` with git and ctags; called by tools/diff-agreement."""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile

DIRECTORIES = ["fs/btrfs", "kernel/sched", "mm", "net/ipv4"]


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, errors="replace", **options).stdout


def diff(program, pair, *arguments):
    return json.loads(run(program, "diff", pair, "--json", *arguments))


class Listing:
    """Writes disagreements, one a line, into a folder; nothing where there is none."""

    def __init__(self, folder):
        self.folder = folder
        if folder:
            os.makedirs(folder, exist_ok=True)

    def write(self, name, rows):
        if self.folder:
            with open(f"{self.folder}/{name}", "w", encoding="utf-8") as out:
                out.writelines(f"{row}\n" for row in sorted(rows))


def compare_files(git, document, listing):
    theirs = {}
    for line in run("git", "-C", git[0], "diff", "--no-renames", "--name-status", git[1], git[2]).splitlines():
        status, path = line.split("\t")
        theirs[path] = "M" if status == "T" else status
    ours = {}
    letters = {"added": "A", "removed": "D", "modified": "M"}
    for file in document["files"]:
        if file["status"] == "renamed":
            ours[file["from_path"]], ours[file["path"]] = "D", "A"
        else:
            ours[file["path"]] = letters[file["status"]]
    wrong = {f"{path}\tgit {theirs.get(path)}\tnenrin {ours.get(path)}"
             for path in theirs.keys() | ours.keys() if theirs.get(path) != ours.get(path)}
    listing.write("files", wrong)
    print(f"file statuses: {len(theirs)} by git, {len(wrong)} differ")
    return not wrong


def compare_renames(git, document, listing):
    theirs = {}
    text = run("git", "-C", git[0], "-c", "diff.renameLimit=0", "diff", "-M", "--name-status", git[1], git[2])
    for line in text.splitlines():
        if line.startswith("R"):
            status, old, new = line.split("\t")
            theirs[old, new] = int(status[1:])
    ours = {(file["from_path"], file["path"]) for file in document["files"] if file["status"] == "renamed"}
    both = ours & theirs.keys()
    listing.write("renames.extra", {"\t".join(pair) for pair in ours - both})
    listing.write("renames.missed", {"\t".join(pair) + f"\t{theirs[pair]} %" for pair in theirs.keys() - both})
    print(f"renames: {len(theirs)} by git -M, {len(ours)} found, {len(both)} in both: "
          f"precision {100 * len(both) / max(1, len(ours)):.1f} %, recall {100 * len(both) / max(1, len(theirs)):.1f} %")


def plain(text):
    """Code with comments out, and white space only where it parts two words."""
    text = re.sub(r'/\*.*?\*/|//[^\n]*|\\\n|("(?:\\.|[^"\\\n])*")', lambda match: match.group(1) or " ", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?(\W) ?", r"\1", text).strip()


def bare(texts):
    """Texts of functions without the annotations (`__init`, `__bpf_kfunc`) that stand before the declaration's first word."""
    return sorted(re.sub(r"^(?:__\w+ )+", "", text) for text in texts)


def functions(git, revision, directory, others=()):
    """By (path, name): the texts of every function that ctags finds in the .c and .h files of a directory and in some
    other files."""
    found = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as tree:
        archive = subprocess.Popen(["git", "-C", git[0], "archive", revision, "--", directory, *others], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", tree], stdin=archive.stdout, check=True)
        archive.wait()
        tags = run("ctags", "--recurse", "--languages=C", "--langmap=C:.c.h", "--kinds-C=f", "--fields=ne", "--sort=no",
                   "--excmd=number", "--links=no", "-f", "-", ".", cwd=tree)
        texts = {}
        for row in tags.splitlines():
            if row.startswith("!"):
                continue
            name, path, _, *fields = row.split("\t")
            values = dict(field.split(":", 1) for field in fields if ":" in field)
            path = path.removeprefix("./")
            if not path.endswith((".c", ".h")) or re.fullmatch(r"[A-Z0-9_]+", name):
                continue
            if path not in texts:
                with open(f"{tree}/{path}", encoding="latin-1") as source:
                    texts = {path: source.read().split("\n")}
            first, last = int(values["line"]), int(values.get("end", values["line"]))
            lines = texts[path]
            # A declaration may begin above the line of its name.
            start = first - 1
            while start > 0 and first - start < 4 and re.fullmatch(r"[\w\s*]+", lines[start - 1].rstrip() or ";") \
                    and not lines[start - 1].lstrip().startswith(("#", "*", "/")):
                start -= 1
            found[path, name].append(plain("\n".join(lines[start:last])))
    return found


def compare_functions(git, program, pair, directory, listing):
    document = diff(program, pair, "--path", directory, "-k", "0")
    renames = {file["from_path"]: file["path"] for file in document["files"] if file["status"] == "renamed"}
    inside = directory + "/"
    old = functions(git, git[1], directory, [path for path in renames if not path.startswith(inside)])
    new = functions(git, git[2], directory, [path for path in renames.values() if not path.startswith(inside)])
    old = {(renames.get(path, path), name): texts for (path, name), texts in old.items()}
    theirs = {}
    for key in old.keys() | new.keys():
        if key not in old:
            theirs[key] = "added"
        elif key not in new:
            theirs[key] = "removed"
        elif sorted(old[key]) != sorted(new[key]):
            theirs[key] = "changed"
    ours = {}
    for symbol in document["symbols"]:
        if symbol["kind"] != "function" or not symbol["path"].endswith((".c", ".h")):
            continue
        path, name, status = renames.get(symbol["path"], symbol["path"]), symbol["name"], symbol["status"]
        before = (renames.get(symbol["from_path"] or path, symbol["from_path"] or path), symbol.get("from_name") or name)
        if status in ("moved", "renamed"):
            if before[0].startswith(directory + "/"):
                ours[before] = "removed"
            if path.startswith(directory + "/"):
                ours[path, name] = "added"
        elif status == "linkage":
            # Whether it is exported stands beside a function, not in it.
            continue
        else:
            ours[path, name] = "changed" if status in ("changed", "signature") else status
    keys = theirs.keys() | ours.keys()
    wrong = {key for key in keys if theirs.get(key) != ours.get(key)}
    # An annotation before a declaration is no part of it here: no change of the function where nothing else is.
    annotated = {key for key in wrong if key in old and key in new and key not in ours and bare(old[key]) == bare(new[key])}
    listing.write("functions." + directory.replace("/", "-"),
                  {f"{key[0]}\t{key[1]}\tctags {theirs.get(key)}\tnenrin {ours.get(key)}"
                   + ("\tannotation alone" if key in annotated else "") for key in wrong})
    both = old.keys() | new.keys()
    counts = collections.Counter(theirs.values())
    agreement = 100 * (1 - len(wrong) / max(1, len(both)))
    strict = 100 * (1 - len(wrong) / max(1, len(keys)))
    explained = 100 * (1 - len(wrong - annotated) / max(1, len(keys)))
    print(f"{directory:<14}{len(both):>7}{counts['added']:>7}{counts['removed']:>8}{counts['changed']:>8}"
          f"{len(wrong):>8}{len(annotated):>11}{strict:>10.2f}{explained:>10.2f}{agreement:>10.2f}")
    return explained >= 99


def main():
    program, folder, repository, start, end, *directories = sys.argv[1:]
    git = repository, start, end
    listing = Listing(folder)
    pair = f"{start}..{end}"
    document = diff(program, pair, "-k", "1000000")
    fine = compare_files(git, document, listing)
    compare_renames(git, document, listing)
    print(f"{'functions in':<14}{'either':>7}{'added':>7}{'removed':>8}{'changed':>8}{'differ':>8}{'annotation':>11}{'% of ch.':>10}{'% else':>10}{'% of all':>10}")
    for directory in directories or DIRECTORIES:
        fine &= compare_functions(git, program, pair, directory, listing)
    return 0 if fine else 1


sys.exit(main())
