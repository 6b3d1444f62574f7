# SPDX-License-Identifier: Apache-2.0
"""The part of tools/bench that measures the scan of a kernel's vectors, beside numpy over as many vectors of the same
dimension right after. Run by itself, it is what numpy does: COUNT DIMENSIONS ROUNDS THREADS."""

import json
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NUMPY = "numpy==2.2.6"
ROUNDS = 21
NUMPY_ROUNDS = 11
# As many as stay in the processor's cache while they are turned into floats.
BLOCK = 1 << 12


def sections(options):
    from program import Program, newest_tag, say
    tag = options.tags.split(",")[0] if options.tags else newest_tag("6.12", options.repo)
    homes = [Program(home) for home in (options.home, options.home / tag, options.home / "scan")]
    program = next((one for one in homes if tag in [snapshot["revision"] for snapshot in one.snapshots()]), homes[-1])
    if program is homes[-1]:
        say(f"indexing {tag}, unless it is there")
        program.json("index", options.repo, tag, "--name", "linux")
    python = environment()
    say("scanning, and numpy right after")
    own = program.json("scan-times", "--at", tag, "--rounds", ROUNDS)
    rows = [(f"Nenrin, 2 bits a number, {count(one['threads'])}", own["dimensions"] // 4, one["elapsed"], one["cpu"])
            for one in own["scans"]]
    for threads in (1, 2):
        rows += [(f"{name}, {count(threads)}", size, elapsed, cpu)
                 for name, size, elapsed, cpu in numpy_scans(python, own["vectors"], own["dimensions"], threads)]
    return table(tag, own, rows)


def count(threads):
    return "one thread" if threads == 1 else f"{threads} threads"


def environment():
    """A Python that has numpy."""
    from program import ROOT, say
    folder = ROOT / ".cache" / "scan"
    python = folder / "bin" / "python"
    if not python.exists() or subprocess.run([python, "-c", "import numpy"], capture_output=True).returncode != 0:
        say(f"Installing {NUMPY}")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", NUMPY], check=True)
    return python


def numpy_scans(python, vectors, dimensions, threads):
    # The rows are shared out below, which leaves two threads of numpy better off than its own library's threads do.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run([python, Path(__file__), str(vectors), str(dimensions), str(NUMPY_ROUNDS), str(threads)],
                         env=environment, check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def table(tag, own, rows):
    least = {name: min(elapsed) for name, _, elapsed, _ in rows}
    lines = [
        "## Scanning vectors", "",
        f"`tools/bench --only scan`: all {own['vectors']:,} vectors of {tag}, {own['dimensions']} numbers each, against one "
        f"question, from the files as a search has them mapped; then numpy ({NUMPY[7:]}) over as many. Medians of {ROUNDS} "
        f"({NUMPY_ROUNDS}) scans in milliseconds, and the quickest, which others on the machine slowed least; the ratio is of "
        "that to Nenrin's with as many threads.", "",
        "| scan | bytes a vector | CPU | elapsed | quickest | times Nenrin's |", "|---|---:|---:|---:|---:|---:|"]
    for name, size, elapsed, cpu in rows:
        threads = name.rsplit(", ", 1)[1]
        nenrin = next(value for key, value in least.items() if key.startswith("Nenrin") and key.endswith(threads))
        lines.append(f"| {name} | {size:,} | {statistics.median(cpu):.0f} | {statistics.median(elapsed):.0f} "
                     f"| {least[name]:.0f} | {least[name] / nenrin:.1f} |")
    return lines + [""]


def measure(vectors, dimensions, rounds, threads):
    """What numpy takes: rows of name, bytes a vector, milliseconds elapsed, milliseconds of CPU."""
    import numpy
    random = numpy.random.default_rng(1)
    matrix = random.integers(-127, 128, (vectors, dimensions), dtype=numpy.int8)
    question = random.standard_normal(dimensions).astype(numpy.float32)
    whole = numpy.round(question / numpy.abs(question).max() * 127).astype(numpy.int32)
    shares = [range(vectors * share // threads, vectors * (share + 1) // threads) for share in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        def on_all(scan):
            return lambda: list(pool.map(scan, shares))
        def in_blocks(share):
            return [matrix[start:min(start + BLOCK, share.stop)].astype(numpy.float32) @ question
                    for start in range(share.start, share.stop, BLOCK)]
        rows = [timed("numpy, int8 @ int32", dimensions, rounds, on_all(lambda share: matrix[share.start:share.stop] @ whole)),
                timed("numpy, int8 in blocks as float32", dimensions, rounds, on_all(in_blocks))]
        floats = matrix.astype(numpy.float32)
        rows.append(timed("numpy, float32", dimensions * 4, rounds,
                          on_all(lambda share: floats[share.start:share.stop] @ question)))
    return rows


def timed(name, size, rounds, scan):
    scan()
    elapsed, cpu = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), time.process_time()
        scan()
        elapsed.append(1000 * (time.perf_counter() - start))
        cpu.append(1000 * (time.process_time() - used))
    return name, size, elapsed, cpu


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))
