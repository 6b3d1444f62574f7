# SPDX-License-Identifier: Apache-2.0
"""The part of tools/doc-eval that measures what the codes of vectors cost: the heads nearest to a question by code, put
in order once more by the vectors made anew of their texts."""

import json
import statistics
import tempfile
from pathlib import Path

from program import QUIZ, die, quantile, say

DEPTH = 500
RESCORED = [50, 200, 500]


def table(program, at, sentences):
    lines = [
        f"The {DEPTH} heads nearest by code, of which the first are put in order once more by their exact vectors; files "
        "by their nearest head, from vectors alone.", "",
        "| questions | order | hit@1 | hit@10 | mrr@10 | better | worse |", "|---|---|---:|---:|---:|---:|---:|"]
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentences.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in sentences))
        quizzes = {f"{len(sentences)} sentences of kernel-doc": path}
        quizzes |= {name: QUIZ / f"{name}.jsonl" for name in ("kernel-en", "kernel-ja")}
        for name, quiz in quizzes.items():
            say(f"{name}: by code and exact")
            found = dump(program, quiz, at)
            by_code = [rank(line, 0) for line in found]
            lines.append(row(name, "by code", by_code, None))
            lines += [row("", f"exact among the first {count}", [rank(line, count) for line in found], by_code)
                      for count in RESCORED]
            notes.append(f"{name}: {differences(found)}")
    return lines + ["", *notes]


def dump(program, quiz, at):
    run = program.run("meaning-dump", quiz, "--at", at, "--depth", DEPTH)
    if run.code != 0:
        die("nenrin meaning-dump failed", *run.err.splitlines()[:5])
    return [json.loads(line) for line in run.out.splitlines()]


def order(hits, count):
    return sorted(hits[:count], key=lambda hit: -hit["exact"]) + hits[count:]


def rank(line, count):
    """The rank of the first gold file among the files by their nearest head; None below 10."""
    files = dict.fromkeys(path for hit in order(line["hits"], count) for path in hit["paths"])
    return next((place for place, path in enumerate(list(files)[:10], 1) if path in line["gold"]), None)


def row(name, how, ranks, others):
    def reciprocal(rank):
        return 1 / rank if rank else 0
    def share(limit):
        return sum(rank is not None and rank <= limit for rank in ranks) / len(ranks)
    gains = [reciprocal(rank) - reciprocal(other) for rank, other in zip(ranks, others or ranks)]
    pairs = [sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)] if others else ["", ""]
    return (f"| {name} | {how} | {share(1):.3f} | {share(10):.3f} | {statistics.mean(map(reciprocal, ranks)):.4f} "
            f"| {pairs[0]} | {pairs[1]} |")


def differences(found):
    """By how much codes are wrong, and what that does to the order."""
    errors = [hit["code"] - hit["exact"] for line in found for hit in line["hits"]]
    bias = statistics.mean(errors)
    shifts, kept = [], []
    for line in found:
        exact = {id(hit): place for place, hit in enumerate(order(line["hits"], DEPTH))}
        shifts += [abs(exact[id(hit)] - place) for place, hit in enumerate(line["hits"])]
        kept.append(sum(exact[id(hit)] < 10 for hit in line["hits"][:10]))
    return (f"cosines by code differ by {bias:+.4f} in the mean, {statistics.pstdev(errors):.4f} around that; a head moves "
            f"{statistics.median(shifts):.0f} of {DEPTH} places (95 %: {quantile(shifts, 0.95)}); of the first ten "
            f"{statistics.mean(kept):.1f} stay among them; making the {DEPTH} vectors anew takes "
            f"{statistics.median(line['exactMilliseconds'] for line in found):.0f} ms (95 %: "
            f"{quantile([line['exactMilliseconds'] for line in found], 0.95):.0f})")
