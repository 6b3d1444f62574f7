# SPDX-License-Identifier: Apache-2.0
"""Brings the vectors of what a sentence says and of the file that it stands in nearer to each other.

The sentences are a tree's own: the first ones of its comments, the help of its options, the descriptions of its
modules. What they speak of is known: the file that they stand in, or that the option builds. Two sums of word vectors,
one of the sentence and one of the file's path, names and head, are learned to be alike, and unlike those of the other
files of the batch (contrastive learning; van den Oord, Li and Vinyals, 2018), many of which stand in the same directory.
"""

import random
import re
import subprocess

import numpy as np

TOKEN = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*")
SOURCES = (".c", ".h", ".S", ".rs")
OTHERS = (".rst", ".py", ".sh", ".txt", ".yaml", ".pl")
FUNCTION = re.compile(
    r"^(?:[A-Za-z_][\w \t*]*?[ \t*])?([a-zA-Z_]\w+)\s*\([^;{}]*?\)\s*(?:__\w+\s*)*\n?\{", re.MULTILINE)
OTHER_NAME = re.compile(
    r"^(?:struct|enum|union|#define|SYSCALL_DEFINE\d\(|TRACE_EVENT\(|DEFINE_\w+\()\s*(\w+)", re.MULTILINE)
COMMENT = re.compile(r"/\*+(.*?)\*/", re.DOTALL)
DESCRIPTION = re.compile(r'MODULE_DESCRIPTION\("([^"]+)"')
LEGAL = re.compile(r"copyright|license|spdx|author|all rights|@|redistribut|warrant", re.IGNORECASE)
OPTION = re.compile(r"^(?:menu)?config (\w+)\n(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
BUILT = re.compile(r"^obj-\$\(CONFIG_(\w+)\)\s*\+?:?=\s*(.+)$", re.MULTILINE)

MOST_BYTES = 800_000  # larger files are data
SENTENCES = 24  # of one file
NAMES = 150
BATCH = 1024
NEIGHBOURS = 8  # as many sentences of one directory stand together in a batch
SHARPNESS = 16.0
RATE = 0.005
# How often a word of the sentence that the file holds too is left out: to find equal words needs no vectors.
SAME_WORDS_LEFT_OUT = 0.5
FILE_WORDS_LEFT_OUT = 0.3
COMMON = 0.05  # a word in a larger share of the sentences says how, not what
COMMON_WORTH = 0.15


def words(text):
    return [word.lower() for word in TOKEN.findall(text) if len(word) > 1]


class Examples:
    """Files as bags of words, and sentences with the file that each speaks of."""

    def __init__(self, repository, revision):
        self.paths, self.names, self.heads = [], [], []
        self.sentences, self.files, self.is_head = [], [], []
        helps, built = {}, []
        for path, text in sources(repository, revision):
            name = path.rsplit("/", 1)[-1]
            if name.startswith("Kconfig"):
                helps.update((option, said) for option, said in option_helps(text) if option not in helps)
            elif name.startswith(("Makefile", "Kbuild")):
                built += [(option, path[: -len(name)] + source) for option, source in built_sources(text)]
            self.add(path, text)
        place = {path: index for index, path in enumerate(self.paths)}
        for option, path in built:
            if option in helps and path in place:
                self.say(helps[option], place[path])

    def add(self, path, text):
        file = len(self.paths)
        self.paths.append(path)
        names, head, sentences = [], text[:2500], []
        if path.endswith((".c", ".h")):
            names = (FUNCTION.findall(text) + OTHER_NAME.findall(text))[:NAMES]
            head, sentences = comments(text)
        descriptions = DESCRIPTION.findall(text)[:1]
        self.names.append(" ".join(names))
        self.heads.append(" ".join([head[:1500], *descriptions]))
        if path.endswith((".c", ".S", ".rs")) and len(head.split()) >= 5:
            self.say(head[:250], file, is_head=True)
        for sentence in sentences:
            self.say(sentence, file)
        for description in descriptions:
            self.say(description, file, is_head=True)

    def say(self, sentence, file, is_head=False):
        self.sentences.append(sentence)
        self.files.append(file)
        self.is_head.append(is_head)


def sources(repository, revision):
    """The path and text of each file that says something."""
    listing = subprocess.run(
        ["git", "-C", repository, "ls-tree", "-r", "-z", "-l", revision], check=True, capture_output=True
    ).stdout.decode(errors="replace")
    with subprocess.Popen(
        ["git", "-C", repository, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as git:
        for line in filter(None, listing.split("\0")):
            meta, path = line.split("\t", 1)
            mode, kind, blob, size = meta.split()
            name = path.rsplit("/", 1)[-1]
            says = path.endswith(SOURCES + OTHERS) or name.startswith(("Kconfig", "Makefile", "Kbuild"))
            if kind != "blob" or mode == "120000" or not says or int(size) > MOST_BYTES:
                continue
            git.stdin.write(f"{blob}\n".encode())
            git.stdin.flush()
            text = git.stdout.read(int(git.stdout.readline().split()[2]))
            git.stdout.read(1)
            yield path, text.decode("utf-8", "replace")
        git.stdin.close()


def comments(text):
    """The comment at the head of a file without its legal lines, and the first sentences of the others."""
    head, found = "", []
    for comment in list(COMMENT.finditer(text))[:120]:
        lines = [re.sub(r"^\s*\*+ ?", "", line).strip() for line in comment[1].split("\n")]
        if comment.start() < (400 if head else 3000):
            head += " ".join([line for line in lines if line and not LEGAL.search(line)][:12]) + " "
            continue
        said = " ".join(filter(None, lines))
        documented = re.match(r"([\w ]+?)(?:\(\))?\s+-+\s+(.*)", said)
        sentence = re.split(r"(?<=[.!?])\s|\s@", documented[2] if documented else said)[0]
        if 5 <= len(sentence.split()) <= 40:
            found.append(sentence[:300])
    return head, found[:SENTENCES]


def option_helps(text):
    for option, body in OPTION.findall(text):
        prompt = re.search(r'"([^"]+)"', body)
        help = re.search(r"\bhelp\n(.*)", body, re.DOTALL)
        said = (f"{prompt[1]}. " if prompt else "") + (" ".join(help[1].split()[:40]) if help else "")
        if said:
            yield option, said


def built_sources(text):
    for option, objects in BUILT.findall(text):
        for name in objects.split()[:3]:
            if name.endswith(".o"):
                yield option, f"{name[:-2]}.c"


class Bags:
    """Texts as sparse rows over the vocabulary."""

    def __init__(self, vocabulary):
        self.number = {word: index for index, word in enumerate(vocabulary)}

    def rows(self, texts, damped=False):
        import scipy.sparse

        columns, values, ends = [], [], [0]
        for text in texts:
            counts = {}
            for word in words(text):
                if (number := self.number.get(word)) is not None:
                    counts[number] = counts.get(number, 0) + 1
            columns += counts
            values += [1 + np.log(count) if damped else 1 for count in counts.values()]
            ends.append(len(columns))
        return scipy.sparse.csr_matrix(
            (np.array(values, np.float32), np.array(columns, np.int32), ends), (len(texts), len(self.number)))


def of_equal_length(rows, weights):
    """Each row divided by the length that it would have if all words were at right angles."""
    import scipy.sparse

    weighted = rows @ scipy.sparse.diags(weights)
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
    return (scipy.sparse.diags(1 / np.where(lengths > 0, lengths, 1)) @ rows).astype(np.float32)


def tune(vocabulary, vectors, weights, examples):
    """Returns the weighted vectors of the vocabulary as they are after one look at each example."""
    bags = Bags(vocabulary)
    sentences = bags.rows(examples.sentences)
    share = np.asarray((sentences > 0).mean(0)).ravel()
    weights = np.where(share > COMMON, weights * COMMON_WORTH, weights) / 9
    names = of_equal_length(bags.rows(examples.paths, damped=True), weights)
    names = names + of_equal_length(bags.rows(examples.names, damped=True), weights)
    whole = (names + of_equal_length(bags.rows(examples.heads, damped=True), weights)).tocsr()
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    tuner = Tuner((vectors / lengths * weights[:, None]).astype(np.float32))
    files, is_head = np.array(examples.files), np.array(examples.is_head)
    for batch in batches(examples):
        # A sentence that is the file's head must be found by the file's names alone.
        rows = [names[files[i]] if is_head[i] else whole[files[i]] for i in batch]
        tuner.learn(sentences[batch], rows, files[batch])
    return tuner.vectors * 9


def batches(examples):
    chance = random.Random(1)
    keys = [(examples.paths[file].rpartition("/")[0], chance.random()) for file in examples.files]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    groups = [order[start : start + NEIGHBOURS] for start in range(0, len(order), NEIGHBOURS)]
    chance.shuffle(groups)
    order = np.array([index for group in groups for index in group])
    for start in range(0, len(order) - BATCH + 1, BATCH):
        yield order[start : start + BATCH]


class Tuner:
    def __init__(self, vectors):
        self.vectors = vectors
        self.squares = np.full(len(vectors), 1e-8, np.float32)
        self.chance = np.random.RandomState(0)

    def learn(self, sentences, rows, files):
        import scipy.sparse

        targets = scipy.sparse.vstack(rows).tocsr()
        sentences, targets = self.leave_out(sentences, targets)
        touched = np.unique(np.concatenate([sentences.indices, targets.indices]))
        sentences, targets = sentences[:, touched], targets[:, touched]
        said, known = sentences @ self.vectors[touched], targets @ self.vectors[touched]
        said_length = np.maximum(np.linalg.norm(said, axis=1, keepdims=True), 1e-4)
        known_length = np.maximum(np.linalg.norm(known, axis=1, keepdims=True), 1e-4)
        said, known = said / said_length, known / known_length
        slope = self.slope(said @ known.T, files)
        said_slope, known_slope = slope @ known, slope.T @ said
        said_slope = (said_slope - (said_slope * said).sum(1, keepdims=True) * said) / said_length
        known_slope = (known_slope - (known_slope * known).sum(1, keepdims=True) * known) / known_length
        slope = sentences.T @ said_slope + targets.T @ known_slope
        # Adagrad, a rate for each word.
        self.squares[touched] += (slope * slope).mean(1)
        self.vectors[touched] -= RATE * slope / np.sqrt(self.squares[touched])[:, None]

    def leave_out(self, sentences, targets):
        same = sentences.multiply(targets > 0).tocsr()
        same.data = (self.chance.rand(len(same.data)) < SAME_WORDS_LEFT_OUT).astype(np.float32)
        sentences = (sentences - sentences.multiply(same)).tocsr()
        sentences.eliminate_zeros()
        targets.data = targets.data * (self.chance.rand(len(targets.data)) > FILE_WORDS_LEFT_OUT)
        return sentences, targets

    def slope(self, cosines, files):
        """The slope of the loss by each cosine: which file a sentence speaks of and, half as much, the other way."""
        scores = SHARPNESS * cosines
        itself = np.eye(len(files), dtype=bool)
        same = (files[:, None] == files[None, :]) & ~itself
        scores[same] = -1e4
        by_sentence = np.exp(scores - scores.max(1, keepdims=True))
        by_sentence /= by_sentence.sum(1, keepdims=True)
        by_file = np.exp(scores - scores.max(0, keepdims=True))
        by_file /= by_file.sum(0, keepdims=True)
        slope = by_sentence + by_file / 2
        slope[itself] -= 1.5
        slope[same] = 0
        return (slope * (SHARPNESS / len(files))).astype(np.float32)
