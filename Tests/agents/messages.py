"""The Messages API in front of a model: answers are streamed as the service does."""

import itertools
import json

import accounts
from internet_of_agents import MESSAGES, send, stream
from model import Result

NUMBERS = itertools.count(1)


def text_of(content):
    """The text of a content member, which is a text or a list of blocks."""
    if isinstance(content, str):
        return content
    return "".join(block.get("text", "") for block in content or () if block.get("type") == "text")


def blocks(request, role, kind):
    """The blocks of one kind in what one side said, in their order."""
    for message in request["messages"]:
        if message["role"] == role and not isinstance(message["content"], str):
            yield from (block for block in message["content"] if block.get("type") == kind)


def told(request):
    """The results of tool calls, each with what else the model is told before it speaks again: what hooks add."""
    turn = []
    for message in (*request["messages"], {"role": "assistant", "content": ""}):
        if message["role"] != "assistant":
            turn.append(message["content"])
            continue
        said = "\n".join(map(text_of, turn))
        yield from ((said, part) for content in turn if not isinstance(content, str) for part in content)
        turn = []


def answer(model, request):
    """The content blocks of the answer, and why it ends."""
    model.requests.append(request)
    script = model.script(text_of(one["content"]) for one in request["messages"] if one["role"] == "user")
    if script is None or not request.get("tools"):
        return [{"type": "text", "text": "Nothing to say."}], "end_turn"
    for said, block in told(request):
        if block.get("type") != "tool_result":
            continue
        result = Result(f"{text_of(block.get('content', ''))}\n{said}", bool(block.get("is_error")))
        model.note(script, int(block["tool_use_id"].rpartition("_")[2]), result)
    taken = sum(1 for _ in blocks(request, "assistant", "tool_use"))
    step = model.step(script, taken)
    if step is None:
        return [{"type": "text", "text": f"The script {script} has ended."}], "end_turn"
    call = {"type": "tool_use", "id": f"toolu_{script}_{taken}", "name": step["tool"], "input": step["input"]}
    return [{"type": "text", "text": f"Step {step['name']}."}, call], "tool_use"


def message(request, content, reason):
    """A whole message, as it is without streaming."""
    return {
        "id": f"msg_{next(NUMBERS):08}",
        "type": "message",
        "role": "assistant",
        "model": request.get("model", "stand-in"),
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 10},
    }


def events(model, request):
    """The events of a streamed answer."""
    content, reason = answer(model, request)
    yield {"type": "message_start", "message": message(request, [], None)}
    for index, block in enumerate(content):
        if block["type"] == "text":
            started, kind, key, whole = {"type": "text", "text": ""}, "text_delta", "text", block["text"]
        else:
            started, kind, key = {**block, "input": {}}, "input_json_delta", "partial_json"
            whole = json.dumps(block["input"])
        yield {"type": "content_block_start", "index": index, "content_block": started}
        # In two pieces, as no client may take a piece for the whole.
        for piece in (whole[: len(whole) // 2], whole[len(whole) // 2 :]):
            yield {"type": "content_block_delta", "index": index, "delta": {"type": kind, key: piece}}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": reason, "stop_sequence": None}
    yield {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 10}}
    yield {"type": "message_stop"}


def serve(world, model):
    """Has the model answer under the service's name."""

    def handle(handler, body):
        if handler.command != "POST" or not handler.path.startswith("/v1/messages"):
            accounts.answer(handler, body)
        elif handler.path.startswith("/v1/messages/count_tokens"):
            send(handler, b'{"input_tokens": 10}', "application/json")
        else:
            request = json.loads(body)
            model.keys.add(handler.headers.get("Authorization") or handler.headers.get("x-api-key"))
            if request.get("stream"):
                stream(handler, events(model, request))
            else:
                send(handler, json.dumps(message(request, *answer(model, request))).encode(), "application/json")

    world.services[MESSAGES] = handle
