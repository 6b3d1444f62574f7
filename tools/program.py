# SPDX-License-Identifier: Apache-2.0
"""The built program as the measuring tools run it: with its time, its memory and its JSON."""

import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / ".build" / "release" / "nenrin"
KERNEL = Path(os.environ.get("NENRIN_KERNEL_REPO") or ROOT / ".cache" / "kernel" / "linux.git")
QUIZ = ROOT / "snapshots" / "quiz"


def say(text):
    print(f"==> {text}", file=sys.stderr, flush=True)


def die(summary, *remedies):
    print(f"{Path(sys.argv[0]).name}: {summary}", file=sys.stderr)
    for remedy in remedies:
        print(f"  {remedy}", file=sys.stderr)
    sys.exit(2)


@dataclass
class Run:
    """One command that has ended, and what it cost."""

    code: int
    out: str
    err: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int

    def json(self):
        return json.loads(self.out)


def measure(argv, show_progress=False, cwd=None):
    """Runs a command to its end. Its output goes through files, so that reading it costs the command nothing."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=None if show_progress else err,
            cwd=cwd)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        out.seek(0)
        err.seek(0)
        return Run(
            process.returncode, out.read().decode(errors="replace"), err.read().decode(errors="replace"), seconds,
            usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


class Program:
    """The release build, on one home."""

    def __init__(self, home):
        if not BINARY.exists():
            die(f"{BINARY} is not there", "Build it: tools/build.")
        self.home = Path(home)

    def argv(self, *words):
        return [BINARY, *words, "--home", self.home]

    def run(self, *words, **options):
        return measure(self.argv(*words), **options)

    def json(self, *words, **options):
        """The document that a command prints; any other end than success ends the tool."""
        run = self.run(*words, "--json", **options)
        if run.code != 0:
            die(f"nenrin {' '.join(map(str, words))} ended with {run.code}", *run.err.strip().splitlines())
        return run.json()

    def snapshots(self):
        run = self.run("snapshots", "--json")
        return run.json() if run.code == 0 and run.out.strip() else []


class Server:
    """`nenrin serve` on a free port of the loopback address, while the block lasts."""

    def __init__(self, program, *options):
        self.program, self.options = program, options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [str(word) for word in self.program.argv("serve", "--port", self.port, *self.options)], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log)
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return self
            except OSError:
                if self.process.poll() is not None:
                    self.log.seek(0)
                    die("nenrin serve ended at once", *self.log.read().decode(errors="replace").splitlines())
                time.sleep(0.1)
        die("nenrin serve does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)

    def resident_bytes(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def connection(self):
        return HTTPConnection("127.0.0.1", self.port, timeout=120)


def post(connection, path, document):
    """The answer to one request on a connection that stays open: status and text."""
    connection.request("POST", path, json.dumps(document), {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, response.read().decode(errors="replace")


def quantile(values, share):
    """The nearest-rank quantile; 0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def quiz_lines(name):
    with open(QUIZ / name, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def git(*words, repository=KERNEL):
    return subprocess.run(
        ["git", f"--git-dir={repository}", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout


def version_key(tag):
    return [int(part) if part.isdigit() else 0 for part in tag.lstrip("v").replace("-", ".").split(".")]


def newest_tag(series, repository=KERNEL):
    """The newest tag of a series (`6.12`) in the repository; None where it has none."""
    tags = git("tag", "--list", f"v{series}.*", repository=repository).decode().split()
    return max(tags, key=version_key, default=None)
