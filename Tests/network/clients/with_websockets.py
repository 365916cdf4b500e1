"""python3-websockets."""

import asyncio
import ssl
import sys

import websockets


async def main():
    context = ssl.create_default_context() if sys.argv[1].startswith("wss") else None
    async with websockets.connect(sys.argv[1], ssl=context) as socket:
        await socket.send("hello")
        print(await socket.recv())


asyncio.run(main())
