"""The Responses API in front of a model, as Codex asks it."""

import itertools
import json

from internet_of_agents import RESPONSES, send, stream
from model import Result

NUMBERS = itertools.count(1)


def text_of(content):
    """The text of a content member, which is a text or a list of parts."""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content or ())


def items(request, kind):
    """What of one kind stands in a conversation, in its order."""
    return [item for item in request["input"] if item.get("type") == kind]


def answer(model, request):
    """The item that is answered."""
    model.requests.append(request)
    said = (text_of(item["content"]) for item in items(request, "message") if item["role"] == "user")
    script = model.script(said)
    if script is None:
        return spoken("Nothing to say.")
    for item in items(request, "function_call_output"):
        model.note(script, int(item["call_id"].rpartition("_")[2]), Result(text_of(item["output"])))
    taken = len(items(request, "function_call"))
    step = model.step(script, taken)
    if step is None:
        return spoken(f"The script {script} has ended.")
    return {
        "type": "function_call",
        "id": f"fc_{next(NUMBERS):08}",
        "call_id": f"call_{script}_{taken}",
        "name": step["tool"],
        "arguments": json.dumps(step["input"]),
    }


def spoken(text):
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": f"msg_{next(NUMBERS):08}", "role": "assistant", "content": [part]}


def events(model, request):
    """The events of a streamed answer."""
    number = f"resp_{next(NUMBERS):08}"
    yield {"type": "response.created", "response": {"id": number}}
    yield {"type": "response.output_item.done", "output_index": 0, "item": answer(model, request)}
    usage = {"input_tokens": 10, "output_tokens": 10, "total_tokens": 20}
    yield {"type": "response.completed", "response": {"id": number, "output": [], "usage": usage}}


def serve(world, model):
    """Has the model answer under the service's name. What would be a WebSocket is told to come without (426): then
    Codex does at once."""

    def handle(handler, body):
        if handler.headers.get("Upgrade"):
            send(handler, b"{}", "application/json", 426)
        elif handler.command == "POST" and handler.path.endswith("/responses"):
            stream(handler, events(model, json.loads(body)))
        else:
            send(handler, b"{}", "application/json", 404)

    world.services[RESPONSES] = handle
