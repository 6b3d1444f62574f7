# SPDX-License-Identifier: Apache-2.0
"""Questions that the history of a repository answers: the subject of a commit asks for the sources that it changed, of a
tree that does not hold the change yet."""

import random
import re

from program import git

SOURCES = (".c", ".h", ".S", ".s", ".cc", ".cpp", ".hpp", ".rs", ".go", ".py", ".swift", ".java", ".js", ".ts", ".pl",
           ".sh", ".lua", ".rb", ".dts", ".dtsi")
BESIDES = re.compile(r"(^|/)(t|tests?|testing|docs?|documentation|ci|examples?|samples?)/|(^|/)test_|_test\.|tests?\.",
                     re.IGNORECASE)
# What no tree can answer: it says nothing of what was changed.
EMPTY = re.compile(r"(merge|revert|release|bump|version|typos?|tidy)\b", re.IGNORECASE)
SHORTEST = 25
FEWEST_WORDS = 4
MOST_SOURCES = 3
MOST_FILES = 5


def commit_before(repository, back, head="HEAD"):
    """The commit so many first parents before another; the first one of a shorter history."""
    commits = git("rev-list", "--first-parent", f"--max-count={back + 1}", head, repository=repository).decode().split()
    return commits[-1]


def questions(repository, base, head="HEAD", count=500, family="subject"):
    """Up to `count` lines of a quiz about the tree of `base`, drawn from the commits after it."""
    tree = set(git("ls-tree", "-r", "--name-only", base, repository=repository).decode(errors="replace").splitlines())
    log = git("log", "--no-merges", "--name-status", "--find-renames", "--format=%x01%H%x02%s", f"{base}..{head}",
              repository=repository).decode(errors="replace")
    found = []
    for entry in log.split("\x01")[1:]:
        line, _, changes = entry.partition("\n")
        commit, subject = line.split("\x02", 1)
        subject = re.sub(r"\s*\(#\d+\)$", "", subject.strip())
        gold = changed_sources([change.split("\t") for change in changes.splitlines() if change], tree)
        if gold and len(subject) >= SHORTEST and len(subject.split()) >= FEWEST_WORDS and not EMPTY.match(subject):
            found.append({"id": f"{family}-{commit[:12]}", "family": family, "question": subject, "gold": gold})
    random.Random(7).shuffle(found)
    return found[:count]


def changed_sources(changes, tree):
    """The sources that a commit changed; none where it changed many, or more than the tree holds."""
    if len(changes) > MOST_FILES or any(change[0] != "M" or change[1] not in tree for change in changes):
        return []
    sources = [path for _, path in changes if path.endswith(SOURCES) and not BESIDES.search(path)]
    return sources if len(sources) <= MOST_SOURCES else []
