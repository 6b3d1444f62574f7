# SPDX-License-Identifier: Apache-2.0
"""Makes and asks questions about calls; called by tools/calls-quiz."""

import json
import random
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

# Where functions are drawn from; not drivers alone, nor only what everybody knows.
TREES = ["fs/ext4", "fs/btrfs", "fs/xfs", "mm", "kernel/sched", "kernel/time", "kernel/bpf", "net/core", "net/ipv4", "block",
         "drivers/usb/core", "drivers/md", "drivers/base", "drivers/nvme/host", "security/selinux", "sound/core", "lib"]
FIELDS = ["probe", "remove", "open", "release", "ndo_open", "ndo_start_xmit", "get_link_ksettings", "unlocked_ioctl", "mmap",
          "suspend", "shutdown", "set_rate", "kill_sb"]


class Cscope:
    """Line-oriented cscope over one database; its answers are kept."""

    def __init__(self, tree, work):
        self.tree, self.known = tree, {}
        self.command = ["cscope", "-d", "-q", "-f", f"{work}/cscope.out"]

    def rows(self, field, name):
        if (field, name) not in self.known:
            output = subprocess.run(self.command + [f"-L{field}", name], cwd=self.tree, capture_output=True, check=True)
            rows = [line.split(" ", 3) for line in output.stdout.decode("latin-1").splitlines()]
            self.known[field, name] = [row for row in rows if len(row) == 4]
        return self.known[field, name]

    def callers(self, name):
        return {(row[0], row[1]) for row in self.rows(3, name)}

    def callees(self, name):
        return {row[1] for row in self.rows(2, name)}

    def is_plain(self, name):
        """Defined once, by a function with a body: no macro, no namesake."""
        rows = self.rows(1, name)
        return len(rows) == 1 and rows[0][1] == name and "#define" not in rows[0][3] and "(" in rows[0][3]


def functions(tree):
    for folder in TREES:
        for file in sorted((Path(tree) / folder).glob("*.c")):
            code = re.sub(r"/\*.*?\*/", " ", file.read_text("latin-1"), flags=re.S)
            for match in re.finditer(r"^[a-z][\w\s*]*?\b(\w{5,})\([^;{}#]*\)\s*\n\{", code, flags=re.M):
                yield match[1]


def caller_questions(cscope, names, count):
    for name in names:
        callers = cscope.callers(name)
        # What cscope takes for a caller must itself be a function that it knows once.
        if 3 <= len(callers) <= 25 and cscope.is_plain(name) and all(cscope.is_plain(caller) for _, caller in callers):
            yield {"family": "callers", "question": f"Who calls {name}?", "name": name,
                   "gold": sorted(f"{path}:{caller}" for path, caller in callers)}
            count -= 1
            if count == 0:
                return


def shortest(cscope, start, end, depth):
    """All shortest paths between two functions, of at most so many calls."""
    paths = [[start]]
    for _ in range(depth):
        longer = []
        for path in paths:
            longer += [path + [name] for name in sorted(cscope.callees(path[-1])) if name not in path and cscope.is_plain(name)]
        found = [path for path in longer if path[-1] == end]
        if found:
            return found
        paths = longer
        if len(paths) > 1_500:
            return []
    return []


def path_questions(cscope, names, count, draw):
    for name in names:
        path = [name]
        if not cscope.is_plain(name):
            continue
        while len(path) < 4:
            below = [callee for callee in sorted(cscope.callees(path[-1])) if callee not in path and cscope.is_plain(callee)]
            if not below or len(below) > 12:
                break
            path.append(draw.choice(below))
        if len(path) < 3:
            continue
        found = shortest(cscope, path[0], path[-1], 3)
        if found and 3 <= len(found[0]) and len(found) <= 6:
            yield {"family": "path", "question": f"Through which functions does {path[0]} reach {path[-1]}?",
                   "from": path[0], "to": path[-1], "gold": found}
            count -= 1
            if count == 0:
                return


def place_questions(tree, count, draw):
    places = []
    for field in FIELDS:
        output = subprocess.run(
            ["grep", "-rnE", rf"^\s*\.{field}\s*=\s*&?\w+,?\s*$", "--include=*.c", "drivers", "fs", "net", "sound"],
            cwd=tree, capture_output=True).stdout.decode("latin-1")
        for line in output.splitlines():
            file, number, text = line.split(":", 2)
            places.append((field, re.search(r"=\s*&?(\w+)", text)[1], file, int(number)))
    draw.shuffle(places)
    asked = {}
    for field, name, _, _ in places:
        mine = {(file, number) for other, target, file, number in places if (other, target) == (field, name)}
        if name in asked or len(mine) > 3 or len({file for file, _ in mine}) > 1 or name.isupper() or len(name) < 5:
            continue
        # Not all of one kind.
        if list(asked.values()).count(field) >= (4 if field == "probe" else 1):
            continue
        asked[name] = field
        yield {"family": "place", "question": f"Where is {name} registered as .{field}?", "name": name, "field": field,
               "gold": [f"{file}:{number}" for file, number in sorted(mine)]}
        if len(asked) == count:
            return


def make(tree, work, snapshot, seed, quiz):
    draw, cscope = random.Random(int(seed)), Cscope(tree, work)
    names = sorted(set(functions(tree)))
    draw.shuffle(names)
    lines = list(caller_questions(cscope, names, 15))
    lines += path_questions(cscope, names[len(names) // 2:], 12, draw)
    lines += place_questions(tree, 13, draw)
    with open(quiz, "w") as file:
        for number, line in enumerate(lines, 1):
            file.write(json.dumps({"id": f"calls-{number:02}", "snapshot": snapshot} | line) + "\n")
    print(f"{len(lines)} questions in {quiz}")


class CommandLine:
    """Nenrin's commands; each answer is a process of its own."""

    def __init__(self, program, home):
        self.program, self.home = program, ["--home", home] if home else []

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments, "--json", *self.home], capture_output=True, text=True)
        return json.loads(done.stdout or "{}")

    def callers(self, name, at):
        document = self.run("symbol", name, "--callers", "--at", at)
        return document.get("calls") or {}

    def chain(self, start, end, at):
        return self.run("callchain", start, end, "--limit", "20", "--at", at)

    def close(self):
        pass


class Tools:
    """The same through the Model Context Protocol over standard input and output."""

    def __init__(self, program, home):
        command = [program, "mcp"] + (["--home", home] if home else [])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.count = 0
        self.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                    "clientInfo": {"name": "calls-quiz", "version": "1"}})

    def request(self, method, params):
        self.count += 1
        message = {"jsonrpc": "2.0", "id": self.count, "method": method, "params": params}
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["result"]

    def call(self, tool, **arguments):
        result = self.request("tools/call", {"name": tool, "arguments": arguments})
        return {} if result["isError"] else json.loads(result["content"][0]["text"])

    def callers(self, name, at):
        whole = page = self.call("callers", name=name, at=at)
        while page.get("next_offset"):
            page = self.call("callers", name=name, at=at, offset=page["next_offset"])
            whole["callers"] += page["callers"]
        return whole

    def chain(self, start, end, at):
        return self.call("callchain", **{"from": start, "to": end}, at=at, limit=20)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def is_left_out(path):
    """What the gold does not look at."""
    return not path.endswith((".c", ".h")) or path.startswith(("tools/", "Documentation/", "scripts/", "samples/"))


def judge(line, way):
    """Whether the answer is the gold, and what differs."""
    if line["family"] == "callers":
        hits = way.callers(line["name"], line["snapshot"]).get("callers", [])
        found = {f"{hit['path']}:{hit['in_symbol']}" for hit in hits if not is_left_out(hit["path"])}
        missing, more = set(line["gold"]) - found, found - set(line["gold"])
        return not missing and not more, f"missing {sorted(missing)}, more {sorted(more)}"
    if line["family"] == "path":
        paths = way.chain(line["from"], line["to"], line["snapshot"]).get("paths", [])
        found = [[step["name"] for step in path] for path in paths]
        return bool(found) and all(path in found for path in line["gold"]), f"gold {line['gold']}, found {found[:6]}"
    uses = way.callers(line["name"], line["snapshot"]).get("uses", [])
    found = {f"{use['path']}:{number}" for use in uses if use["kind"] == "table" for number in use["lines"]}
    return set(line["gold"]) <= found, f"gold {line['gold']}, found {sorted(found)}"


def ask(program, home, quiz, verbose):
    lines = [json.loads(line) for line in Path(quiz).read_text().splitlines()]
    worst = 1.0
    for name, make_way in [("commands", CommandLine), ("MCP", Tools)]:
        way, right, times = make_way(program, home), {}, []
        for line in lines:
            start = time.perf_counter()
            is_right, difference = judge(line, way)
            times.append((time.perf_counter() - start) * 1000)
            right.setdefault(line["family"], []).append(is_right)
            if verbose and not is_right:
                print(f"  {line['id']} {line['question']} {difference}")
        way.close()
        families = ", ".join(f"{family} {sum(marks)}/{len(marks)}" for family, marks in right.items())
        total = sum(sum(marks) for marks in right.values())
        worst = min(worst, total / len(lines))
        print(f"{name}: {total}/{len(lines)} right ({families}); median {statistics.median(times):.0f} ms, "
              f"slowest {max(times):.0f} ms")
    sys.exit(0 if worst >= 0.9 else 1)


if __name__ == "__main__":
    {"make": make, "ask": ask}[sys.argv[1]](*sys.argv[2:])
