"""A server of tools over standard input and output (Model Context Protocol), with one tool that reads a file."""

import json
import sys

TOOL = {
    "name": "count",
    "description": "Counts the lines of a file",
    "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
}


def answer(request):
    method = request["method"]
    if method == "initialize":
        version = request["params"]["protocolVersion"]
        server = {"name": "notes", "version": "1"}
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": server}
    if method == "tools/list":
        return {"tools": [TOOL]}
    if method == "tools/call":
        try:
            with open(request["params"]["arguments"]["path"], encoding="utf-8") as file:
                text = f"{len(file.readlines())} lines"
        except OSError as error:
            text = str(error)
        return {"content": [{"type": "text", "text": text}]}
    return {}


for line in sys.stdin:
    received = json.loads(line)
    if "id" in received:
        print(json.dumps({"jsonrpc": "2.0", "id": received["id"], "result": answer(received)}), flush=True)
