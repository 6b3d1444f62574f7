#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A chat model that needs no model: a server of OpenAI's API that answers from the passages it is given.

It stands behind `nenrin serve` where a tool wants to see the whole way of an answer, and costs next to nothing, so that
what is measured is Nenrin. It streams in pieces, cites with [n], and can be told to name a file that is not there.
"""

import argparse
import asyncio
import json
import re
import time

PASSAGE = re.compile(r"^<<<\S+ passage \[(\d+)\] (\S+) lines (\d+)-(\d+)(?:, (?:(\w+) )?(\S+))? of (\S+)$", re.MULTILINE)
ATTACHED = re.compile(r"^<<<\S+ attached \[(\d+)\] (.*)\n(.*)$", re.MULTILINE)
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
MODEL = "stub"


def answer(messages, invented=None):
    """The text for a prompt of `nenrin serve`: what the first passages are, each with its number, the first line of what is
    attached, and the invented file where the question asks for one that is not there (存在しない)."""
    prompt = messages[-1]["content"] if messages else ""
    question = prompt.rsplit("Question: ", 1)[-1]
    passages = [match.groups() for match in PASSAGE.finditer(prompt)]
    japanese = bool(JAPANESE.search(question))
    if not passages:
        return "渡された箇所には答えがありません。" if japanese else "The passages do not answer this."
    seen, lines = set(), []
    for number, path, first, last, _, symbol, snapshot in passages:
        if path in seen:
            continue
        seen.add(path)
        name = f" `{symbol}`" if symbol else ""
        if japanese:
            lines.append(f"`{path}` です [{number}]。{first}〜{last} 行目に{name or 'その箇所'} があります [{number}]。" if len(lines) == 0
                         else f"- 関連: `{path}` の {first}〜{last} 行目{name} [{number}]")
        else:
            lines.append(f"It is `{path}` [{number}]: lines {first} to {last} hold{name or ' it'} [{number}]." if len(lines) == 0
                         else f"- See also `{path}`, lines {first} to {last}{name} [{number}]")
        if len(lines) == 3:
            break
    for number, name, first in ATTACHED.findall(prompt):
        lines.append(f"- 添付の {name} には「{first}」とあります [{number}]。" if japanese
                     else f"- The attached {name} says: {first} [{number}]")
    text = lines[0] + "".join("\n\n" + line if place == 0 else "\n" + line for place, line in enumerate(lines[1:]))
    if invented and "存在しない" in question:
        text += f"\n\n`{invented}` にもあります。" if japanese else f"\n\nIt is also in `{invented}`."
    return text


NAME = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")


def tool_call(request, scripted=True):
    """What a model would call first: of a question about calls the tool for it, then the lines of what was found; else
    Nenrin's search. Unstreamed only. `scripted=False`: a model that was given tools and wants none."""
    names = [tool.get("function", {}).get("name") for tool in request.get("tools") or []]
    if "search" not in names or request.get("stream") or not scripted:
        return None
    messages = request["messages"]
    question = next(message["content"] for message in reversed(messages) if message["role"] == "user").rsplit("Question: ", 1)[-1]
    made = [message for message in messages if message["role"] == "tool"]
    found = NAME.findall(question)
    name, arguments = "search", {"query": question}
    if "callers" in names and found:
        if len(found) > 1 and "reach" in question:
            name, arguments = "callchain", {"from": found[0], "to": found[1]}
        elif "call" in question or "registered" in question:
            name, arguments = "callers", {"name": found[0]}
    if made:
        # It reads what the first call names, once.
        place = re.search(r'"line":(\d+).*?"path":"([^"]+)"', made[-1]["content"])
        if len(made) > 1 or name == "search" or not place:
            return None
        line = int(place[1])
        name, arguments = "show", {"path": place[2], "lines": f"{max(1, line - 5)}-{line + 15}"}
    return {"id": f"call_{len(made) + 1}", "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)}}


def served_call(request):
    """The call of a search that a client offers under a name of its own, as Open WebUI does with what it has by the Model
    Context Protocol; streamed. None once the search has answered."""
    names = [tool.get("function", {}).get("name", "") for tool in request.get("tools") or []]
    name = next((name for name in names if name.endswith("_search") and f"{name[:-6]}callers" in names), None)
    if not request.get("stream") or not name or request["messages"][-1]["role"] == "tool":
        return None
    question = next(message["content"] for message in reversed(request["messages"]) if message["role"] == "user")
    return {"index": 0, "id": "call_served", "type": "function",
            "function": {"name": name, "arguments": json.dumps({"query": question})}}


def told(result):
    """The text for a tool's result: the first path in it."""
    place = re.search(r'"path":\s*"([^"]+)"', result)
    return f"The search says: `{place[1]}`." if place else f"The search says: {result[:200]}"


def pieces(text, size=6):
    return [text[start:start + size] for start in range(0, len(text), size)]


class Stub:
    """The server. `delay` is the time between two pieces, `seconds` that of a whole answer instead; `tools` are the tool
    servers that Open WebUI shall give the model."""

    def __init__(self, delay=0.02, seconds=None, invented=None, tools=()):
        self.delay, self.seconds, self.invented, self.tools, self.requests = delay, seconds, invented, list(tools), 0

    async def start(self, port=0):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", port)
        self.port = self.server.sockets[0].getsockname()[1]
        return self.port

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = re.search(r"(?im)^content-length:\s*(\d+)", head)
                body = await reader.readexactly(int(length.group(1))) if length else b""
                await self.respond(head.split(" ", 2)[1], body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def respond(self, path, body, writer):
        if path.endswith("/models"):
            model = {"id": MODEL, "object": "model", "owned_by": MODEL, "info": {"meta": {"toolIds": self.tools}}}
            return self.send(writer, {"object": "list", "data": [model]})
        request = json.loads(body)
        self.requests += 1
        call = tool_call(request)
        if call:
            message = {"role": "assistant", "content": "", "tool_calls": [call]}
            return self.send(writer, {
                "id": "chatcmpl-tool", "object": "chat.completion", "created": int(time.time()), "model": MODEL,
                "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]})
        text = self.text(request)
        usage = {"prompt_tokens": len(body) // 4, "completion_tokens": len(text) // 2, "total_tokens": len(body) // 4}
        frame = {"id": f"chatcmpl-{self.requests}", "created": int(time.time()), "model": MODEL}
        if not request.get("stream"):
            message = {"role": "assistant", "content": text}
            return self.send(writer, frame | {
                "object": "chat.completion", "usage": usage,
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        call = served_call(request)
        if call:
            self.event(writer, frame, [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}])
            self.event(writer, frame, [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}])
            return await self.end(writer)
        parts = pieces(text)
        delay = self.delay if self.seconds is None else self.seconds / len(parts)
        for piece in parts:
            self.event(writer, frame, [{"index": 0, "delta": {"content": piece}, "finish_reason": None}])
            await writer.drain()
            await asyncio.sleep(delay)
        self.event(writer, frame, [{"index": 0, "delta": {}, "finish_reason": "stop"}])
        self.event(writer, frame | {"usage": usage}, [])
        await self.end(writer)

    def text(self, request):
        """What it says to a request that it does not answer with a call."""
        last, tools = request["messages"][-1], json.dumps(request.get("tools") or [])
        if request.get("stream"):
            return told(str(last["content"])) if last["role"] == "tool" else answer(request["messages"], self.invented)
        return "DONE" if "callers" in tools else answer(request["messages"], self.invented)

    async def end(self, writer):
        self.chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    def event(self, writer, frame, choices):
        document = frame | {"object": "chat.completion.chunk", "choices": choices}
        self.chunk(writer, b"data: " + json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n")

    @staticmethod
    def chunk(writer, data):
        writer.write(b"%x\r\n%s\r\n" % (len(data), data))

    @staticmethod
    def send(writer, document):
        data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(data) + data)


async def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0, help="the port to listen on; 0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.02, help="seconds between two pieces of an answer")
    parser.add_argument("--seconds", type=float, help="how long an answer takes, instead of --delay")
    parser.add_argument("--invent", metavar="PATH", help="a file that is nowhere, named where a question wants one")
    parser.add_argument("--tool", metavar="ID", action="append", default=[], help="a tool server of Open WebUI's for it")
    options = parser.parse_args()
    stub = Stub(options.delay, options.seconds, options.invent, options.tool)
    print(f"http://127.0.0.1:{await stub.start(options.port)}/v1", flush=True)
    await stub.server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        pass
