# SPDX-License-Identifier: Apache-2.0
"""Calls every tool over both transports; called by tools/mcp-client."""

import asyncio
import json
import subprocess
import sys
import time

from mcp import Client, StdioServerParameters

TOOLS = ["snapshots", "search", "symbol", "callers", "callees", "callchain", "grep", "show", "diff", "log"]


def hold(condition, what):
    print(("ok     " if condition else "FAILED ") + what)
    if not condition:
        sys.exit(1)


async def call(client, tool, /, **arguments):
    start = time.perf_counter()
    result = await client.call_tool(tool, arguments)
    text = "".join(part.text for part in result.content)
    print(f"       {tool} {json.dumps(arguments)}: {len(text)} characters, {(time.perf_counter() - start) * 1000:.0f} ms")
    return result.is_error, text


async def session(client, at, symbol):
    at = {"at": at} if at else {}
    tools = (await client.list_tools()).tools
    hold([tool.name for tool in tools] == TOOLS, f"lists {len(tools)} tools")
    hold(all(tool.input_schema["additionalProperties"] is False for tool in tools), "every schema is strict")
    hold("snapshot" in (client.instructions or ""), "gives instructions")
    hold(len((await client.list_resource_templates()).resource_templates) == 1, "lists a template of resources")
    error, text = await call(client, "snapshots")
    snapshots = json.loads(text)
    hold(not error and len(snapshots) > 0, f"knows {len(snapshots)} snapshots")
    error, text = await call(client, "search", query=f"where is {symbol} implemented", **at)
    files = json.loads(text)["files"]
    hold(not error and files, f"search finds {files[0]['path']}")
    error, text = await call(client, "symbol", name=symbol, **at)
    place = json.loads(text)["definitions"][0]
    hold(not error, f"symbol finds {place['path']}:{place['start_line']}")
    error, text = await call(client, "callers", name=symbol, limit=3, **at)
    first = json.loads(text)
    hold(len(first["callers"]) > 0, f"callers: {', '.join(hit['in_symbol'] or '-' for hit in first['callers'])}")
    if first.get("next_offset"):
        error, text = await call(client, "callers", name=symbol, limit=3, offset=first["next_offset"], **at)
        more = json.loads(text)["callers"]
        hold(more and more[0] not in first["callers"], "callers go on with the next page")
    error, text = await call(client, "callees", name=symbol, **at)
    hold(not error and json.loads(text)["definitions"], "callees come by definition")
    caller = first["callers"][0]["in_symbol"]
    error, text = await call(client, "callchain", **{"from": caller, "to": symbol}, **at)
    hold(not error and json.loads(text)["paths"], f"callchain leads from {caller} to {symbol}")
    error, text = await call(client, "grep", pattern=rf"\b{symbol}\(", limit=5, **at)
    hold(not error and len(json.loads(text)["lines"]) > 0, "grep finds lines")
    error, text = await call(client, "show", path=place["path"], lines=f"{place['start_line']}-{place['end_line']}", **at)
    hold(not error and symbol in text, "show reads the definition")
    if len(snapshots) > 1:
        pair = {"from": snapshots[-1]["revision"], "to": snapshots[0]["revision"]}
        error, text = await call(client, "diff", symbol=symbol, **pair)
        hold(not error, f"diff compares {pair['from']} with {pair['to']}")
    snapshot = snapshots[0]
    path = next((file["path"] for file in files), place["path"])
    uri = f"nenrin:///{snapshot['collection']}@{snapshot['revision']}/{path}#L1-L3"
    hold((await client.read_resource(uri)).contents[0].text, f"reads {uri}")
    error, text = await call(client, "callers", name=symbol + "x", **at)
    hold(error and "near it" in text, f"an unknown name is an answer: {text[:100]}")
    error, text = await call(client, "grep", pattern="(", **at)
    hold(error and "missing closing" in text, f"a broken pattern is an answer: {text[:100]}")
    error, text = await call(client, "search", query="x", k=3)
    hold(error and "no argument 'k'" in text, f"a wrong argument is an answer: {text[:100]}")
    results = await asyncio.gather(*(client.call_tool("symbol", {"name": symbol} | at) for _ in range(12)))
    hold(all(not result.is_error for result in results), "answers 12 calls at once")


def cancels(command):
    """A call that is cancelled is not answered; the next one is."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(**message):
        process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
        process.stdin.flush()

    send(id=1, method="tools/call", params={"name": "grep", "arguments": {"pattern": "[q][q][q][q]"}})
    send(method="notifications/cancelled", params={"requestId": 1})
    send(id=2, method="ping")
    answer = json.loads(process.stdout.readline())
    hold(answer["id"] == 2, "a cancelled call is not answered, the next one is")
    process.stdin.close()
    hold(process.wait(timeout=60) == 0 and process.stdout.read() == "", "ends with its input")


async def main():
    program, home, at, symbol = sys.argv[1:]
    options = ["--home", home] if home else []
    print("stdio")
    async with Client(StdioServerParameters(command=program, args=["mcp", *options])) as client:
        hold(client.protocol_version == "2025-11-25", f"speaks {client.protocol_version}")
        await session(client, at, symbol)
    cancels([program, "mcp", *options])
    print("Streamable HTTP")
    server = subprocess.Popen(
        [program, "serve", "--port", "0", "--json", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = json.loads(server.stdout.readline())["address"]
        async with Client(address + "/mcp") as client:
            hold(client.protocol_version == "2025-11-25", f"speaks {client.protocol_version}")
            await session(client, at, symbol)
    finally:
        server.terminate()


asyncio.run(main())
