"""Makes the calls of a runner with the client's own library and prints what it saw as JSON.

Usage: lane_calls.py SOCKET
"""

import asyncio
import json
import sys

from grpclib.client import Channel
from grpclib.exceptions import GRPCError
from modal_proto import api_grpc, api_pb2

METADATA = {"x-way": "own"}


def question(function_id):
    return api_pb2.FunctionGetInputsRequest(function_id=function_id)


def answer(input_id, data=b""):
    item = api_pb2.FunctionPutOutputsItem(input_id=input_id)
    item.result.data = data
    return api_pb2.FunctionPutOutputsRequest(outputs=[item])


async def talk(path):
    seen = {}
    channel = Channel(path=path)
    stub = api_grpc.ModalClientStub(channel)
    reply = await stub.FunctionGetInputs(question("fu-1"), metadata=METADATA)
    seen["input"] = reply.inputs[0].input_id
    await stub.FunctionPutOutputs(answer("in-1", b"x" * 20_000_000), metadata=METADATA)
    try:
        await stub.FunctionPutOutputs(answer("in-bad"), metadata=METADATA)
    except GRPCError as error:
        seen["error"] = [error.status.name, error.message]
    asked = asyncio.ensure_future(stub.FunctionGetInputs(question("fu-hang"), metadata=METADATA))
    # Answered once the platform has the question that is given up.
    await stub.FunctionGetInputs(question("fu-hanging"), metadata=METADATA)
    asked.cancel()
    try:
        await asked
    except asyncio.CancelledError:
        seen["cancelled"] = True
    try:
        await stub.FunctionGetInputs(question("fu-late"), timeout=0.5, metadata=METADATA)
    except asyncio.TimeoutError:
        seen["timeout"] = True
    many = [
        stub.FunctionGetInputs(question(f"fu-{number}"), metadata=METADATA) for number in range(200)
    ]
    seen["many"] = len([reply for reply in await asyncio.gather(*many) if reply.inputs])
    # A container that works on one input at a time does not wait for the answer to a small output.
    alone = question("fu-alone")
    alone.input_concurrency = 1
    await stub.FunctionGetInputs(alone, metadata=METADATA)
    try:
        await stub.FunctionPutOutputs(answer("in-bad"), metadata=METADATA)
        seen["refused"] = "later"
        await stub.FunctionGetInputs(alone, metadata=METADATA)
    except GRPCError as error:
        seen.setdefault("refused", "at once")
        seen["refusal"] = error.message
    reply = await stub.FunctionGetInputs(alone, metadata=METADATA)
    seen["after"] = reply.inputs[0].input_id
    channel.close()
    return seen


if __name__ == "__main__":
    # Two loops one after the other: the second one needs a connection of its own.
    print(json.dumps([asyncio.run(talk(sys.argv[1])) for _ in range(2)]))
