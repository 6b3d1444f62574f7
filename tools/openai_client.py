# SPDX-License-Identifier: Apache-2.0
"""Asks `nenrin serve` as three clients of OpenAI's API do; run by tools/openai-client."""

import json
import os
import subprocess
import sys
import urllib.request

import openai
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

TOOLS = [{"type": "function", "function": {
    "name": "clock", "description": "Tells the time.", "parameters": {"type": "object", "properties": {}}}}]


class Checks:
    """What held and what did not."""

    def __init__(self):
        self.held, self.broken = 0, []

    def hold(self, condition, what):
        if condition:
            self.held += 1
        else:
            self.broken.append(what)
        print(f"  {'good:' if condition else 'BAD: '} {what}", flush=True)


def key():
    return os.environ.get("NENRIN_KEY") or "none"


def server_state(url):
    """What `/readyz` says: which models there are behind the server."""
    request = urllib.request.Request(
        url.removesuffix("/v1") + "/readyz", headers={"Authorization": f"Bearer {key()}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def with_openai(checks, url, model, messages, extractive):
    client = openai.OpenAI(base_url=url, api_key=key(), max_retries=0)
    models = [one.id for one in client.models.list()]
    model = model or models[0]
    checks.hold(model in models or ".." in model, f"the models are {', '.join(models)}")
    text, notes, usage, finish = "", [], None, None
    for chunk in client.chat.completions.create(
            model=model, messages=messages, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
            notes += getattr(choice.delta, "annotations", None) or []
    print()
    for note in notes:
        print(note["url_citation"]["url"])
    checks.hold(bool(text) and finish == "stop", "openai, streamed: an answer that ends")
    checks.hold(bool(notes), f"openai, streamed: {len(notes)} citations")
    checks.hold(usage is not None and usage.total_tokens == usage.prompt_tokens + usage.completion_tokens,
                f"openai, streamed: usage {usage}")
    places = [(note["url_citation"]["start_index"], note["url_citation"]["end_index"]) for note in notes]
    checks.hold(any(text[start:end].startswith("[") for start, end in places), "openai: a citation's place is its [n]")
    whole = client.chat.completions.create(model=model, messages=messages, temperature=0, max_tokens=300, n=1)
    answer = whole.choices[0].message
    checks.hold(bool(answer.content) and bool(answer.annotations), "openai, whole: an answer with citations")
    if extractive:
        checks.hold(answer.content == text, "openai: streamed and whole are the same text")
    turns = messages + [{"role": "assistant", "content": text},
                        {"role": "user", "content": [{"type": "text", "text": "What else is in that directory?"}]}]
    more = client.chat.completions.create(
        model=model, tools=TOOLS, stop=["\u0000"],
        messages=[{"role": "system", "content": "Be brief."}] + turns)
    checks.hold(bool(more.choices[0].message.content), "openai: a history, a system message, parts, tools and stop")
    for wanted, code, wrong in [
            (openai.NotFoundError, "model_not_found", {"model": "none@v0", "messages": messages}),
            (openai.BadRequestError, "question_empty", {"model": model, "messages": [{"role": "user", "content": ""}]})]:
        try:
            client.chat.completions.create(**wrong)
            checks.hold(False, f"openai: {code} is an error")
        except wanted as error:
            checks.hold(error.code == code and bool(error.request_id), f"openai: {error.message.splitlines()[0]}")
    return model, text


def with_langchain(checks, url, model, question, text, state):
    chat = ChatOpenAI(base_url=url, api_key=key(), model=model, max_retries=0, stream_usage=True)
    whole = chat.invoke([("system", "Be brief."), ("human", question)])
    checks.hold(bool(whole.text) and whole.usage_metadata["total_tokens"] > 0, "langchain, whole: an answer with usage")
    pieces = list(chat.stream(question))
    streamed = "".join(piece.text for piece in pieces)
    checks.hold(len(pieces) > 2 and bool(streamed), f"langchain, streamed: {len(pieces)} pieces")
    if state["chat_model"]["state"] == "none":
        checks.hold(streamed == text, "langchain: the same text as openai's client")
    batch = chat.batch([question, question])
    checks.hold(all(one.text for one in batch), "langchain: two at a time")
    for name in state["embedding_models"]:
        vectors = OpenAIEmbeddings(
            base_url=url, api_key=key(), model=name, check_embedding_ctx_length=False).embed_documents(["a", "b"])
        checks.hold(len(vectors) == 2 and len(vectors[0]) == len(vectors[1]) > 0,
                    f"langchain: vectors of {len(vectors[0])} numbers by {name}")


def with_curl(checks, url, model, messages):
    body = json.dumps({"model": model, "messages": messages, "stream": True})
    command = ["curl", "-sSN", "--noproxy", "*", "-H", f"Authorization: Bearer {key()}", "-d", body,
               f"{url}/chat/completions"]
    lines = [line for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n\n")
             if line.startswith("data: ")]
    pieces = [json.loads(line[6:]) for line in lines[:-1]]
    text = "".join(choice["delta"].get("content") or "" for piece in pieces for choice in piece["choices"])
    checks.hold(lines[-1] == "data: [DONE]" and bool(text), f"curl: {len(lines)} events, the last is [DONE]")
    checks.hold(all(piece["object"] == "chat.completion.chunk" and len({piece["id"] for piece in pieces}) == 1
                    for piece in pieces), "curl: nothing in the stream but one completion's chunks")


def main():
    url, *rest = sys.argv[1:]
    question, checks = rest[-1], Checks()
    messages = [{"role": "user", "content": question}]
    state = server_state(url)
    model, text = with_openai(
        checks, url, rest[0] if len(rest) == 2 else None, messages, state["chat_model"]["state"] == "none")
    with_langchain(checks, url, model, question, text, state)
    with_curl(checks, url, model, messages)
    print(f"{checks.held} held, {len(checks.broken)} did not")
    return 1 if checks.broken else 0


if __name__ == "__main__":
    sys.exit(main())
