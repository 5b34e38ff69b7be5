"""Says things to the server that no client would say, and prints how it answers each."""

import asyncio
import os
import time
from urllib.parse import urlparse

from google.protobuf.empty_pb2 import Empty
from grpclib.client import Channel, UnaryUnaryMethod
from grpclib.encoding.base import CodecBase
from grpclib.exceptions import GRPCError
from modal_proto import api_pb2

SERVER = urlparse(os.environ["MODAL_SERVER_URL"])
PYTHON_CLIENT = "1"


class AlreadyEncoded(CodecBase):
    __content_subtype__ = "proto"

    def encode(self, message, message_type):
        return message

    def decode(self, data, message_type):
        return data


async def say(what: str, method: str, payload: bytes, version: str = "1.6.4"):
    metadata = {
        "x-modal-client-version": version,
        "x-modal-client-type": PYTHON_CLIENT,
        "x-modal-token-id": os.environ["MODAL_TOKEN_ID"],
        "x-modal-token-secret": os.environ["MODAL_TOKEN_SECRET"],
    }
    channel = Channel(SERVER.hostname, SERVER.port, codec=AlreadyEncoded())
    started = time.monotonic()
    try:
        call = UnaryUnaryMethod(channel, f"/modal.client.ModalClient/{method}", bytes, bytes)
        await asyncio.wait_for(call(payload, metadata=metadata), timeout=40)
        print(f"{what}: answered after {time.monotonic() - started:.0f} s")
    except GRPCError as refusal:
        print(f"{what}: {refusal.status.name}: {refusal.message}")
    except Exception as problem:
        print(f"{what}: {type(problem).__name__}: {problem}")
    finally:
        channel.close()


async def main():
    hello = api_pb2.EnvironmentGetOrCreateRequest().SerializeToString()
    outputs = api_pb2.FunctionGetOutputsRequest
    await say("polite", "EnvironmentGetOrCreate", hello)
    await say("malformed", "AppCreate", b"\xff\xff\xff\xff no protobuf")
    await say("huge", "AppCreate", api_pb2.AppCreateRequest(description="x" * (200 << 20)).SerializeToString())
    await say("ancient", "EnvironmentGetOrCreate", hello, version="0.50.1")
    await say("unknown method", "AppFlyToTheMoon", Empty().SerializeToString())
    await say("unknown call", "FunctionGetOutputs", outputs(function_call_id="fc-0000000000000000000000", timeout=5).SerializeToString())
    await say("no id", "FunctionGetOutputs", outputs(function_call_id="fc-../../etc", timeout=-5).SerializeToString())
    await say("unknown app", "AppClientDisconnect", api_pb2.AppClientDisconnectRequest(app_id="ap-0000000000000000000000").SerializeToString())
    await say("polite again", "EnvironmentGetOrCreate", hello)


asyncio.run(main())
