# SPDX-License-Identifier: Apache-2.0
"""Broken chats, embeddings and targets for tools/fuzz-http: mutations of good ones, by a seed."""

import http.client
import json
import os
import random
import sys
from collections import Counter
from urllib.parse import urlsplit

VALUES = [None, True, False, 0, -1, 1e308, 2**63, "", " ", "x" * 5_000, "\u0000", "\ud800", [], {}, [[]], [{}],
          {"role": "user"}, [{"role": "user", "content": None}], [{"type": "text"}], ["a", 1, None], "linux@", "@", "..",
          "linux@..", "a..b..c", "%00", "../../etc/passwd"]
TARGETS = ["/source/linux@v6/%00", "/source/%ff%fe/%ff", "/v1/models/%", "/v1/models/%2e%2e", "/source/a@b/%2e%2e/%2e%2e",
           "/compare?from=%00&to=%ff", "/compare?from=a&to=b&offset=-1", "/compare?from=&to=&about=" + "x" * 3_000,
           "/api/source?path=..%2f..%2fetc%2fpasswd", "/api/source?path=%00&lines=0", "/api/source?path=a&lines=9-1",
           "/api/source?path=a&lines=99999999999999999999", "//", "/?" + "a" * 6_000, "/source//", "/source/@/a"]


def chat(rng):
    return {
        "model": "linux", "stream": rng.random() < 0.5, "n": 1, "temperature": 0.5, "max_tokens": 5,
        "stop": ["x"], "tools": [], "stream_options": {"include_usage": True},
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "locking"},
                     {"role": "assistant", "content": "no"},
                     {"role": "user", "content": [{"type": "text", "text": "btrfs"}]}]}


def mutate(rng, node):
    """The document with one place replaced, removed or doubled."""
    if isinstance(node, dict) and node and rng.random() < 0.8:
        name = rng.choice(list(node))
        change = rng.random()
        if change < 0.15:
            return {key: value for key, value in node.items() if key != name}
        return node | {name: mutate(rng, node[name]) if change < 0.6 else rng.choice(VALUES)}
    if isinstance(node, list) and node and rng.random() < 0.8:
        place = rng.randrange(len(node))
        return node[:place] + [mutate(rng, node[place])] + node[place + (rng.random() < 0.8):]
    return rng.choice(VALUES)


def damage(rng, text):
    """The bytes of a document, some of them changed, cut or repeated."""
    data = bytearray(text)
    for _ in range(rng.randrange(1, 4)):
        place = rng.randrange(len(data) + 1)
        data[place:place + rng.randrange(4)] = bytes(rng.randrange(256) for _ in range(rng.randrange(4)))
    return bytes(data[:rng.randrange(len(data) + 1)] if rng.random() < 0.2 else data)


def bodies(rng, count):
    for _ in range(count):
        document = chat(rng)
        for _ in range(rng.randrange(1, 4)):
            document = mutate(rng, document)
        text = json.dumps(document).encode()
        yield "POST", "/v1/chat/completions", damage(rng, text) if rng.random() < 0.3 else text
        embedding = mutate(rng, {"model": "static", "input": ["a", "b"], "encoding_format": "float", "dimensions": 4})
        yield "POST", "/v1/embeddings", json.dumps(embedding).encode()
    yield "POST", "/v1/chat/completions", b"[" * 100_000
    yield "POST", "/api/search", b'{"query":' + b'"' + b"a" * 200_000 + b'"}'
    for target in TARGETS:
        for method in ["GET", "HEAD", "POST", "DELETE", "PROPFIND"]:
            yield method, target, b""


def main():
    url, examples, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    address, rng, counts, broken = urlsplit(url), random.Random(seed), Counter(), []
    headers = {"Content-Type": "application/json"}
    if os.environ.get("NENRIN_KEY"):
        headers["Authorization"] = f"Bearer {os.environ['NENRIN_KEY']}"
    for method, target, body in bodies(rng, examples):
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=120)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            text = response.read()
            counts[response.status] += 1
            if response.status >= 500 or b"root:" in text:
                broken.append((response.status, method, target[:200], body[:300]))
        except (OSError, http.client.HTTPException) as error:
            broken.append((repr(error), method, target[:200], body[:300]))
        finally:
            connection.close()
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    connection.request("GET", "/healthz")
    if connection.getresponse().status != 200:
        broken.append(("no health", "GET", "/healthz", b""))
    for fault in broken[:20]:
        print("BAD: ", *fault)
    print(f"{sum(counts.values())} broken requests: " + ", ".join(f"{n} × {status}" for status, n in sorted(counts.items()))
          + f"; {len(broken)} went wrong")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
