# SPDX-License-Identifier: Apache-2.0
"""The part of tools/bench that measures further snapshots: what each adds, how questions fare beside them, and whether
they show in the answers."""

import hashlib
import json
import shutil
import subprocess
import time
from contextlib import ExitStack

import plot
from program import (
    ROOT, Program, Server, die, git, measure, post, quantile, quiz_lines, say, version_key)

COMMITS = 1000
STEP = 100
PLOT = ROOT / "docs" / "rings.svg"


def series(repository, name):
    """The tags of a kernel series, oldest first."""
    return sorted(git("tag", "--list", f"v{name}.*", repository=repository).decode().split(), key=version_key)


class Growth:
    """A home that grows, and what each step of it cost."""

    def __init__(self, home):
        shutil.rmtree(home, ignore_errors=True)
        self.program = Program(home)
        self.rows = []

    def add(self, repository, *revisions, label=None):
        """Indexes revisions in one run."""
        label = label or revisions[-1]
        say(f"{self.program.home.name}: adding {label}")
        before = self.vector_bytes()
        run = self.program.run("index", repository, *revisions, "--name", "linux", "--json")
        if run.code != 0:
            die(f"nenrin index {' '.join(revisions)} ended with {run.code}", run.err[-500:])
        report = run.json()
        snapshots = [one for one in report["snapshots"] if not one["already_indexed"]]
        commits = {one["commit"] for one in snapshots}
        # What the rings take: the home's size also has catalogs of earlier generations and segments just merged in it.
        own = sum(one["own_bytes"] for one in self.program.snapshots() if one["commit"] in commits)
        row = {
            "label": label, "snapshots": len(snapshots), "run": run, "grown": own + max(0, self.vector_bytes() - before),
            "vectors": sum(one["embeddings"]["new"] for one in snapshots),
            "blobs": sum(one["blobs"]["new"] for one in snapshots), "blobs_all": snapshots[-1]["blobs"]["total"],
            "chunks": sum(one["chunks"]["new"] for one in snapshots), "chunks_all": snapshots[-1]["chunks"]["total"]}
        self.rows.append(row)
        return row

    def vector_bytes(self):
        """What all vectors take."""
        return sum(file.stat().st_size for file in (self.program.home / "vectors").rglob("*") if file.is_file())

    def copy(self, home):
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.program.home, home)
        copy = Growth.__new__(Growth)
        copy.program, copy.rows = Program(home), list(self.rows)
        return copy


def sections(options):
    """The sections of the document, in order."""
    new, old = series(options.repo, "6.12"), series(options.repo, "6.1")
    if len(new) < 2 or not old:
        die("two point releases of 6.12 and one of 6.1 are needed", "Run tools/kernel --list, and tools/kernel TAG.")
    shutil.rmtree(options.home / "rings", ignore_errors=True)
    homes = options.home / "rings"
    alone = Growth(homes / "alone")
    alone.add(options.repo, new[-1])
    beside = Growth(homes / "beside")
    beside.add(options.repo, old[-1])
    jump = beside.add(options.repo, new[-1])
    releases = Growth(homes / "releases")
    for tag in new[:-1]:
        releases.add(options.repo, tag)
    commits = add_commits(options, releases.copy(homes / "commits"), new[-2], new[-1])
    releases.add(options.repo, new[-1])
    few = releases.copy(homes / "few")
    for tag in old:
        releases.add(options.repo, tag)
    latency = ask([
        ("alone", alone, new[-1]), (f"with the {len(new) - 1} point releases before it", few, new[-1]),
        (f"with {len(new) + len(old) - 1} others: those, and {old[0]} to {old[-1]} after it", releases, new[-1]),
        (f"with {old[-1]} before it", beside, new[-1]),
        (f"{new[-2]}, with {sum(row['snapshots'] for row in commits.rows[len(new) - 1:]):,} commits after it", commits,
         new[-2])])
    PLOT.write_text(draw(releases, commits, len(new) - 1))
    return (cost_table(alone, releases, commits, jump, old, new)
            + latency_table(latency, new[-1]) + equality(alone, beside, new[-1]))


def add_commits(options, growth, old, new):
    repository = options.home / "rings" / "small.git"
    shutil.rmtree(repository, ignore_errors=True)
    count = min(COMMITS, len(git("diff", "--name-only", "--no-renames", old, new, repository=options.repo).split()) // STEP * STEP)
    run = measure([ROOT / "tools" / "small-commits", options.repo, old, new, repository, "--commits", count])
    if run.code != 0:
        die("tools/small-commits failed", run.err)
    for done in range(0, count, STEP):
        first, last = (old if done == 0 else f"small~{count - done}"), f"small~{count - done - STEP}"
        row = growth.add(repository, f"{first}..{last}", label=f"commits {done + 1} to {done + STEP} after {old}")
        diff = git("diff", "--no-renames", first, last, repository=repository)
        row["diff"] = len(diff)
    return growth


def cost_table(alone, releases, commits, jump, old, new):
    full = releases.rows[0]
    lines = [
        "## What a further snapshot costs", "",
        f"`tools/bench --only rings --write`. One home, from {full['label']} on, each row one run of `nenrin index`; shares "
        f"are of the first row's. The commits change one file each ({new[-2]} to {new[-1]}, split by "
        f"`tools/small-commits`), in a home that holds {', '.join(new[:-1])}: figures are for a commit, the mean of a "
        "run of 100.", "",
        "| added | CPU s | share | seconds | peak RSS | its ring takes | share | blobs new | of | chunks new | of | vectors new |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|"]
    for row in releases.rows:
        lines.append(cost_row(row, full))
    rest = commits.rows[len(new) - 1:]
    for row in (rest[0], rest[-1]):
        lines.append(cost_row(row, full))
    diffs = [row["diff"] / row["snapshots"] for row in rest]
    grown = [row["grown"] / row["snapshots"] for row in rest]
    fresh = alone.rows[0]
    lines += [
        "", f"A commit's diff has {sum(diffs) / len(diffs) / 1e3:,.1f} kB as text, its ring takes "
        f"{sum(grown) / len(grown) / 1e3:,.1f} kB; {sum(row['snapshots'] for row in rest):,} commits took "
        f"{sum(row['run'].cpu_seconds for row in rest):,.0f} CPU s.", "",
        f"The jump from {old[-1]} to {new[-1]}, beside indexing {new[-1]} alone: {jump['run'].cpu_seconds:.0f} of "
        f"{fresh['run'].cpu_seconds:.0f} CPU s ({jump['run'].cpu_seconds / fresh['run'].cpu_seconds:.0%}), "
        f"{megabytes(jump['grown'])} of {megabytes(fresh['grown'])} ({jump['grown'] / fresh['grown']:.0%}).", "",
        "![CPU and bytes against the number of snapshots](rings.svg)", ""]
    return lines


def cost_row(row, full):
    each = row["snapshots"]
    cpu, grown = row["run"].cpu_seconds / each, row["grown"] / each
    size = megabytes(grown) if grown > 1e6 else f"{grown / 1e3:,.1f} kB"
    return (
        f"| {row['label']} | {cpu:.{1 if cpu > 1 else 3}f} | {cpu / full['run'].cpu_seconds:.2%} "
        f"| {row['run'].seconds / each:.{1 if cpu > 1 else 3}f} | {megabytes(row['run'].peak_bytes)} | {size} "
        f"| {grown / full['grown']:.2%} | {row['blobs'] / each:,.0f} | {row['blobs_all']:,} "
        f"| {row['chunks'] / each:,.{0 if each == 1 else 1}f} | {row['chunks_all']:,} "
        f"| {row['vectors'] / each:,.{0 if each == 1 else 1}f} |")


def ask(homes, rounds=4):
    """Asks servers on all homes the same questions in turn, so that whatever else the machine does meets all of them.

    Takes (label, Growth, tag); gives for each its label, the seconds of each question (the quickest of the rounds after
    the first), and the server's memory."""
    questions = [line["question"] for line in quiz_lines("kernel-en.jsonl")][:80]
    say(f"{len(questions)} questions to {len(homes)} servers, {rounds + 1} times")
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(growth.program)) for _, growth, _ in homes]
        connections = [server.connection() for server in servers]
        best = [[float("inf")] * len(questions) for _ in homes]
        for turn in range(rounds + 1):
            for number, question in enumerate(questions):
                for index, (connection, (_, _, tag)) in enumerate(zip(connections, homes)):
                    seconds = time_of(connection, question, tag)
                    if turn > 0:
                        best[index][number] = min(best[index][number], seconds)
        return [(label, seconds, server.resident_bytes()) for (label, _, _), seconds, server in zip(homes, best, servers)]


def time_of(connection, question, tag):
    start = time.monotonic()
    status, text = post(connection, "/api/search", {"query": question, "k": 10, "at": tag})
    if status != 200:
        die(f"/api/search answered {status}", text[:300])
    return time.monotonic() - start


def latency_table(latency, tag):
    base = quantile(latency[0][1], 0.5)
    lines = [
        "## Questions beside other snapshots", "",
        f"80 questions about {tag} (the last row: about the release before it) to warm servers, in milliseconds; all "
        "servers are asked each question in turn, and of each the quickest of four counts.", "",
        "| the home | median | against alone | p95 | server memory |", "|---|---|---|---|---|"]
    for label, seconds, resident in latency:
        median = quantile(seconds, 0.5)
        lines.append(f"| {label} | {1000 * median:.1f} | {median / base:.2f} | {1000 * quantile(seconds, 0.95):.1f} "
                     f"| {megabytes(resident)} |")
    return lines + [""]


def equality(alone, beside, tag):
    """Whether what else a home holds shows in the answers about one snapshot."""
    say(f"comparing answers about {tag} in two homes")
    questions = [(line["id"], line[key]) for name in ("kernel-en.jsonl", "kernel-ja.jsonl", "kernel-kbuild.jsonl")
                 for line in quiz_lines(name) for key in ("question", "ja") if key in line]
    with Server(alone.program) as first, Server(beside.program) as second:
        connections = first.connection(), second.connection()
        differing = [identity for identity, question in questions
                     if answer(connections[0], question, tag) != answer(connections[1], question, tag)]
    tables = [symbols(growth.program, tag) for growth in (alone, beside)]
    same = tables[0] == tables[1]
    return [
        "## What else a home holds does not show", "",
        f"{tag} in a home of its own, and in one where {beside.rows[0]['label']} was indexed before it: of "
        f"{len(questions)} questions {len(questions) - len(differing)} are answered alike, files, passages, lines and "
        f"scores to the last digit" + (f" (not {', '.join(differing[:10])})" if differing else "")
        + f"; the tables of all {tables[0][0]:,} definitions are {'the same' if same else 'NOT the same'} "
        f"(`nenrin definitions-dump`, {tables[0][1][:16]}).", ""]


def answer(connection, question, tag):
    status, text = post(connection, "/api/search", {"query": question, "k": 20, "at": tag})
    document = json.loads(text)
    return status, document.get("files"), document.get("passages")


def symbols(program, tag):
    process = subprocess.Popen(
        [str(word) for word in program.argv("definitions-dump", "--at", tag)], stdout=subprocess.PIPE)
    digest, count = hashlib.sha256(), 0
    for line in process.stdout:
        digest.update(line)
        count += 1
    if process.wait() != 0:
        die(f"nenrin definitions-dump ended with {process.returncode}")
    return count, digest.hexdigest()


def draw(releases, commits, first_commit):
    """Two panels of two lines: releases of two series, and one-file commits."""
    return plot.page("What further snapshots cost", [
        plot.panel("Point releases in one home", "snapshots", running(releases.rows, start=0)),
        plot.panel("Commits of one file, after the first", "commits", running(commits.rows[first_commit:], start=0))])


def running(rows, start):
    """Sums after each row: number of snapshots, megabytes, CPU seconds."""
    points, (count, size, cpu) = [(0, 0.0, 0.0)], (start, 0.0, 0.0)
    for row in rows:
        count += row["snapshots"]
        size += row["grown"] / 1e6
        cpu += row["run"].cpu_seconds
        points.append((count, size, cpu))
    return points


def megabytes(count):
    return f"{count / 1e6:,.1f} MB" if count < 1e8 else f"{count / 1e6:,.0f} MB"
