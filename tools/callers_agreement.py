# SPDX-License-Identifier: Apache-2.0
"""Compares callers with cscope's; called by tools/callers-agreement."""

import argparse
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request


def functions(work, trees):
    """Names of the functions that cscope finds defined in the trees, sorted."""
    names = set()
    for tree in trees:
        for folder, _, files in sorted(os.walk(os.path.join(work, tree))):
            for file in sorted(files):
                if not file.endswith((".c", ".h")):
                    continue
                with open(os.path.join(folder, file), encoding="latin-1") as text:
                    code = re.sub(r"/\*.*?\*/", " ", text.read(), flags=re.S)
                # A definition in the kernel's form: the name at the end of a declaration, a brace in the first column.
                for match in re.finditer(r"^[a-z][\w\s*]*?\b(\w+)\([^;{}#]*\)\s*\n\{", code, flags=re.M):
                    names.add(match[1])
    return sorted(names)


def cscope_callers(work, name):
    output = subprocess.run(
        ["cscope", "-d", "-L3", name], cwd=work, capture_output=True, text=True, errors="replace", check=True).stdout
    return {(row.split(" ")[0], row.split(" ")[1]) for row in output.splitlines()}


class Server:
    """`nenrin serve` on a free port, for as long as the tool runs."""

    def __init__(self, program, home):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [program, "serve", "--port", str(port), "--read-only"] + (["--home", home] if home else [])
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(self.base + "/readyz").read()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        sys.exit("the server does not start: run it by hand to see why")

    def ask(self, route, body):
        request = urllib.request.Request(
            self.base + route, json.dumps(body).encode(), {"Content-Type": "application/json"})
        start = time.perf_counter()
        document = json.loads(urllib.request.urlopen(request).read())
        return document, (time.perf_counter() - start) * 1000


COMMON = (
    "complete printk kfree mutex_lock spin_lock_irqsave dev_err probe read start open put_device list_add "
    "rcu_read_lock BUG_ON container_of").split()


def cpu(process):
    """Milliseconds of CPU time of a process's threads."""
    total = 0
    for task in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e6


def time_pages(server, at, names):
    """Asks for the first page of each name's callers twice; prints elapsed and CPU milliseconds."""
    rows = []
    for name in names:
        for _ in range(2):
            start = cpu(server.process.pid)
            page, spent = server.ask("/api/callers", {"name": name, "at": at, "limit": 100})
            rows.append((name, spent, cpu(server.process.pid) - start, page))
    for label, asked in [("first asked", rows[::2]), ("asked again", rows[1::2])]:
        for what, place in [("elapsed", 1), ("CPU", 2)]:
            ordered = sorted((row[place], row[0]) for row in asked)
            middle, high = ordered[len(ordered) // 2][0], ordered[int(len(ordered) * 0.95)][0]
            last, slowest = ordered[-1]
            print(
                f"a page of 100, {label}, {what} ms: median {middle:.1f}, 95th percentile {high:.1f}, "
                f"longest {last:.1f} ({slowest})")
    for name in COMMON:
        (_, _, first, page), (_, _, again, _) = [row for row in rows if row[0] == name][:2]
        print(
            f"{name}: {len(page['callers'])} callers from {page['files_read']} of {page['files_holding']} files, "
            f"CPU ms {first:.0f} and {again:.0f}")


def main():
    parser = argparse.ArgumentParser()
    for name in ["work", "program", "home", "at", "list"]:
        parser.add_argument("--" + name)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("trees", nargs="+")
    options = parser.parse_args()
    names = functions(options.work, options.trees)
    sample = sorted(random.Random(options.seed).sample(names, min(options.count, len(names))))
    server = Server(options.program, options.home)
    try:
        time_pages(server, options.at, sample + COMMON)
        agrees = compare(options, sample, len(names), server)
    finally:
        server.process.terminate()
    sys.exit(0 if agrees else 1)


def compare(options, sample, total, server):
    prefixes = tuple(tree + "/" for tree in options.trees)
    same = both = missing = extra = cut = 0
    times, callee_times, differences = [], [], []
    for name in sample:
        body = {"name": name, "at": options.at}
        server.ask("/api/symbol", body | {"callers": 10000})
        answer, spent = server.ask("/api/symbol", body | {"callers": 10000})
        times.append(spent)
        callee_times.append(server.ask("/api/symbol", body | {"callees": 1000})[1])
        # cscope knows functions and macros as callers, not tables or types.
        hits = answer["calls"]["callers"]
        if not answer["calls"]["complete"]:
            # A name in more files than one answer reads: ask for each part of the tree.
            cut += 1
            asked = [server.ask("/api/symbol", body | {"callers": 10000, "path": tree})[0] for tree in options.trees]
            hits = [hit for part in asked for hit in part["calls"]["callers"]]
        ours = {
            (hit["path"], hit["in_symbol"]) for hit in hits
            if hit["path"].startswith(prefixes) and hit["in_kind"] not in (None, "variable", "enum", "struct")
        }
        theirs = cscope_callers(options.work, name)
        both += len(ours & theirs)
        missing += len(theirs - ours)
        extra += len(ours - theirs)
        same += ours == theirs
        for sign, pairs in [("cscope only", theirs - ours), ("nenrin only", ours - theirs)]:
            differences += [f"{name}\t{sign}\t{path}\t{caller}" for path, caller in sorted(pairs)]
    if options.list:
        with open(options.list, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in differences)
    print(f"{len(sample)} of {total} functions drawn (seed {options.seed})")
    print(f"functions with the same callers: {same} ({100 * same / len(sample):.1f} %)")
    print(f"callers both find: {both}; cscope alone: {missing}; nenrin alone: {extra}")
    print(f"names in more files than one answer reads, asked again for each part of the tree: {cut}")
    for label, values in [("callers", times), ("callees", callee_times)]:
        ordered = sorted(values)
        print(
            f"{label}, whole tree, over HTTP: median {statistics.median(ordered):.1f} ms, "
            f"95th percentile {ordered[int(len(ordered) * 0.95)]:.1f} ms, longest {ordered[-1]:.1f} ms")
    return same >= 0.98 * len(sample)


main()
