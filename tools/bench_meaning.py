# SPDX-License-Identifier: Apache-2.0
"""The part of tools/bench that measures vectors: what those of a whole tree cost by themselves, and those of the next
release."""

import os
import shutil

from bench_rings import Growth, series
from program import die, say


def sections(options):
    tags = series(options.repo, "6.12")[-2:]
    if len(tags) < 2:
        die("two point releases of 6.12 are needed", "Run tools/kernel first.")
    home = options.home / "meaning"
    shutil.rmtree(home, ignore_errors=True)
    growth = Growth(home)
    say("without vectors")
    os.environ["NENRIN_EMBEDDING_EMBEDDER"] = "none"
    plain = growth.add(options.repo, tags[0])
    os.environ["NENRIN_EMBEDDING_EMBEDDER"] = "static"
    run = growth.program.run("index", options.repo, tags[0], "--name", "linux", "--json")
    if run.code != 0:
        die(f"the vectors of {tags[0]} could not be made", run.err[-500:])
    vectors, size = run.json()["snapshots"][0]["embeddings"]["new"], growth.vector_bytes()
    following = growth.add(options.repo, tags[1])
    return [
        "## Vectors", "",
        f"`tools/bench --only meaning`: {tags[0]} indexed without vectors, then only its vectors by the built-in table, then "
        f"{tags[1]}.", "",
        "| what | vectors | CPU s | seconds | bytes |", "|---|---:|---:|---:|---:|",
        f"| {tags[0]} without vectors | 0 | {plain['run'].cpu_seconds:.0f} | {plain['run'].seconds:.0f} | |",
        f"| its vectors | {vectors:,} | {run.cpu_seconds:.0f} | {run.seconds:.0f} | {size / 1e6:.0f} MB |",
        f"| {tags[1]} with vectors | {following['vectors']:,} ({following['vectors'] / vectors:.2%}) | "
        f"{following['run'].cpu_seconds:.1f} | {following['run'].seconds:.1f} | "
        f"{(growth.vector_bytes() - size) / 1e6:.1f} MB |", ""]
