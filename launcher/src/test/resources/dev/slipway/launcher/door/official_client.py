"""Drives a door through the official client's own channel and stubs.

Usage: official_client.py CASE URL. Prints one JSON document with what was seen.
"""

import asyncio
import json
import sys
import time

import grpclib
import grpclib.client
import grpclib.config
from modal._utils.grpc_utils import create_channel
from modal_proto import api_grpc, api_pb2

METADATA = {
    "x-modal-client-version": "1.6.4",
    "x-modal-client-type": "1",
    "x-modal-token-id": "ak-good",
    "x-modal-token-secret": "as-good",
}
MIB = 1024 * 1024


def connect(url, **changes):
    metadata = {**METADATA, **changes}
    channel = create_channel(url, metadata)
    return channel, api_grpc.ModalClientStub(channel)


async def failure(call):
    """The code and sentence that a call fails with."""
    try:
        await call
    except grpclib.GRPCError as error:
        return {"code": error.status.name, "sentence": error.message}
    return {"code": "OK", "sentence": ""}


async def echo(url, megabytes=90):
    channel, stub = connect(url)
    data = bytes(range(256)) * (megabytes * MIB // 256)
    started = time.monotonic()
    request = api_pb2.FunctionCreateRequest(function=api_pb2.Function(function_serialized=data))
    response = await stub.FunctionCreate(request)
    seconds = time.monotonic() - started
    channel.close()
    return {"same": response.function.function_serialized == data, "seconds": seconds}


async def long_polls(url, count=500):
    """All polls must be open at once: the server answers none before it has all of them."""
    channel, stub = connect(url)
    request = api_pb2.FunctionGetOutputsRequest(function_call_id=str(count), timeout=55)
    started = time.monotonic()
    responses = await asyncio.gather(*(stub.FunctionGetOutputs(request) for _ in range(count)))
    seconds = time.monotonic() - started
    channel.close()
    return {"answers": len(responses), "seconds": seconds}


async def cancelled_polls(url, count=500):
    """Polls that are given up all at once must not cost the connection."""
    channel, stub = connect(url)
    request = api_pb2.FunctionGetOutputsRequest(function_call_id="never", timeout=55)
    polls = [asyncio.create_task(stub.FunctionGetOutputs(request)) for _ in range(count)]
    await stub.AppHeartbeat(api_pb2.AppHeartbeatRequest(app_id=f"waiting:{count}"))
    for poll in polls:
        poll.cancel()
    await asyncio.gather(*polls, return_exceptions=True)
    await stub.AppHeartbeat(api_pb2.AppHeartbeatRequest(app_id=f"interrupted:{count}"))
    channel.close()
    return {"interrupted": True}


async def handovers(url):
    channel, stub = connect(url)

    async def get(key, queue="willing"):
        request = api_pb2.QueueGetRequest(queue_id=queue)
        response = await stub.QueueGet(request, metadata={"x-idempotency-key": key})
        return response.values[0].decode()

    got = [await get(f"key {number}") for number in range(3)]
    again = await get("key 2")
    unlucky = asyncio.create_task(get("unlucky", "stubborn"))
    await stub.AppHeartbeat(api_pb2.AppHeartbeatRequest(app_id="waiting:1"))
    unlucky.cancel()
    await asyncio.gather(unlucky, return_exceptions=True)
    await stub.AppHeartbeat(api_pb2.AppHeartbeatRequest(app_id="release:1"))
    await stub.AppHeartbeat(api_pb2.AppHeartbeatRequest(app_id="given back:1"))
    after = await get("key 4")
    channel.close()
    return {"got": got, "tried again": again, "after": after}


async def cancelled_stream(url):
    channel, stub = connect(url)
    received = 0
    async with stub.AppGetLogs.open() as stream:
        await stream.send_message(api_pb2.AppGetLogsRequest(app_id="endless"), end=True)
        async for _ in stream:
            received += 1
            if received == 100:
                await stream.cancel()
                break
    await stub.AppHeartbeat(api_pb2.AppHeartbeatRequest(app_id="interrupted:1"))
    channel.close()
    return {"received": received}


async def streamed(url, count=20000):
    channel, stub = connect(url)
    received = 0
    started = time.monotonic()
    async with stub.AppGetLogs.open() as stream:
        await stream.send_message(api_pb2.AppGetLogsRequest(app_id=f"count:{count}"), end=True)
        async for _ in stream:
            received += 1
    seconds = time.monotonic() - started
    channel.close()
    return {"received": received, "seconds": seconds}


async def unary(url, count=2000):
    channel, stub = connect(url)
    request = api_pb2.AppGetByDeploymentNameRequest(name="x")
    await stub.AppGetByDeploymentName(request)
    times = []
    for _ in range(count):
        started = time.perf_counter()
        await stub.AppGetByDeploymentName(request)
        times.append(time.perf_counter() - started)
    started = time.perf_counter()
    await asyncio.gather(*(stub.AppGetByDeploymentName(request) for _ in range(count)))
    together = time.perf_counter() - started
    channel.close()
    times.sort()
    return {"p50_ms": times[count // 2] * 1000, "p99_ms": times[count * 99 // 100] * 1000, "per_second": count / together}


async def refusals(url):
    channel, stub = connect(url)
    seen = {
        "unknown_method": await failure(stub.VolumeRename(api_pb2.VolumeRenameRequest())),
        "failing_handler": await failure(stub.AppStop(api_pb2.AppStopRequest(app_id="x"))),
    }
    huge = api_pb2.FunctionCreateRequest(function=api_pb2.Function(function_serialized=bytes(200 * MIB)))
    seen["too_large"] = await failure(stub.FunctionCreate(huge))
    raw = grpclib.client.UnaryUnaryMethod(
        channel,
        "/modal.client.ModalClient/AppStop",
        RawMessage,
        RawMessage,
    )
    seen["malformed"] = await failure(raw(RawMessage(b"\xff\xff\xff\xff\xff\xff")))
    channel.close()

    channel, stub = connect(url, **{"x-modal-token-secret": "as-wrong"})
    seen["bad_token"] = await failure(stub.AppHeartbeat(api_pb2.AppHeartbeatRequest()))
    channel.close()
    channel, stub = connect(url, **{"x-modal-client-version": "0.74.1"})
    seen["old_client"] = await failure(stub.AppHeartbeat(api_pb2.AppHeartbeatRequest()))
    channel.close()
    without_token = {"x-modal-client-version": "1.6.4", "x-modal-client-type": "3"}
    channel = create_channel(url, without_token)
    stub = api_grpc.ModalClientStub(channel)
    seen["no_token"] = await failure(stub.AppHeartbeat(api_pb2.AppHeartbeatRequest()))
    channel.close()

    seen["afterwards"] = await echo(url, 1)
    return seen


class RawMessage:
    """Bytes that pass for a message, to send what no message would serialize to."""

    def __init__(self, data=b""):
        self.data = data

    def SerializeToString(self):
        return self.data

    @classmethod
    def FromString(cls, data):
        return cls(data)


async def idle_pings(url):
    """Pings on a connection without calls, far more often than the client sends them."""
    import urllib.parse

    address = urllib.parse.urlparse(url)
    config = grpclib.config.Configuration(
        _keepalive_time=0.1,
        _keepalive_timeout=30,
        _keepalive_permit_without_calls=True,
        _http2_max_pings_without_data=0,
        _http2_min_sent_ping_interval_without_data=0.1,
    )
    channel = grpclib.client.Channel(address.hostname, address.port, config=config)
    stub = api_grpc.ModalClientStub(channel)
    request = api_pb2.AppGetByDeploymentNameRequest(name="x")
    await stub.AppGetByDeploymentName(request, metadata=METADATA)
    protocol = channel._protocol
    acknowledged = 0
    count = protocol.connection.ping_ack_process

    def count_acknowledgement():
        nonlocal acknowledged
        acknowledged += 1
        count()

    protocol.connection.ping_ack_process = count_acknowledgement
    await asyncio.sleep(3)
    while acknowledged <= 5:
        await asyncio.sleep(0.1)
    await stub.AppGetByDeploymentName(request, metadata=METADATA)
    same = channel._protocol is protocol
    channel.close()
    return {"same_connection": same, "acknowledged": acknowledged}


if __name__ == "__main__":
    case, url = sys.argv[1:]
    print(json.dumps(asyncio.run(globals()[case](url))))
