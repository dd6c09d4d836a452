"""Run a synchronous answer in a thread, and hand its events to asyncio, as they come, until it ends or nobody listens.

Knows neither the routes nor what an answer is made of.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import CancelledError
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager, suppress
from typing import TypeVar

import anyio
from anyio import BrokenResourceError, CancelScope, CapacityLimiter, EndOfStream, from_thread, to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rag.api.problems import BUSY_SECONDS, Problem, failed_of
from rag.errors import GenerationFailed
from rag.types import Event, Failed, Finished
from rag.wire import event_out

HEARTBEAT_SECONDS = 10.0  # proxies cut a silent connection after 30 to 60
BUFFERED_EVENTS = 64  # a reader this far behind makes the answer wait
HEARTBEAT = b": heartbeat\n\n"

T = TypeVar("T")
Ask = Callable[[], Iterator[Event]]


class Gate:
    """Lets `running` answers run at a time and `waiting` more stand in line; whoever comes then is sent away."""

    def __init__(self, *, running: int, waiting: int) -> None:
        self.running = running
        self._room = running + waiting
        self._limiter = CapacityLimiter(running)
        self.inside = 0

    @contextmanager
    def admit(self) -> Iterator[CapacityLimiter]:
        """Take a place. Called on the event loop only. Raises Problem, 503, when there is none."""
        if self.inside >= self._room:
            raise Problem(
                503,
                "as many questions are being answered and waiting as this server takes",
                hint="ask again in a moment; server.concurrent_answers and server.waiting_answers set the numbers",
                headers={"Retry-After": str(BUSY_SECONDS)},
            )
        self.inside += 1
        try:
            yield self._limiter
        finally:
            self.inside -= 1

    async def run(self, work: Callable[[], T]) -> T:
        """Run in a thread, in turn."""
        with self.admit() as limiter:
            return await to_thread.run_sync(work, limiter=limiter)


class Events:
    """The events of one answer. The last is Finished or Failed."""

    def __init__(self, inbox: MemoryObjectReceiveStream[Event | Exception]) -> None:
        self._inbox = inbox

    async def next(self) -> Event:
        """Return the next event, or raise what the thread raised."""
        try:
            item = await self._inbox.receive()
        except EndOfStream:
            raise GenerationFailed("the answer broke off", hint="ask again") from None
        if isinstance(item, Exception):
            raise item
        return item


@asynccontextmanager
async def answering(gate: Gate, ask: Ask, receive: Receive) -> AsyncIterator[Events]:
    """Run ask() in a thread for as long as the block lasts and the client listens.

    The thread that iterates the generator also closes it, so that its `finally` runs whichever end comes first. When
    the client goes, the block is left at its next await, without an error.
    Raises Problem, 503, before anything has begun, when the gate is shut.
    """
    with gate.admit() as limiter:
        outbox, inbox = anyio.create_memory_object_stream[Event | Exception](BUFFERED_EVENTS)
        deserted = threading.Event()
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_pump, ask, outbox, deserted, limiter)
                group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
                try:
                    yield Events(inbox)
                finally:
                    deserted.set()
                    inbox.close()
                    group.cancel_scope.cancel()
        except BaseExceptionGroup as raised:
            if len(raised.exceptions) == 1:  # the block's own: the tasks beside it raise nothing
                raise raised.exceptions[0] from None
            raise


async def whole(events: AbstractAsyncContextManager[Events]) -> Finished | Failed | None:
    """Drain the events and return the last; None when the client went first."""
    last: Event | None = None
    async with events as stream:
        while not isinstance(last, Finished | Failed):
            last = await stream.next()
    return last if isinstance(last, Finished | Failed) else None


class EventStream(Response):
    """Server-sent events: each event's name, and its data as one line of JSON."""

    media_type = "text/event-stream"

    def __init__(
        self,
        open_events: Callable[[Receive], AbstractAsyncContextManager[Events]],
        *,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        # X-Accel-Buffering: nginx would hold the stream back
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._open_events = open_events
        self._heartbeat_seconds = heartbeat_seconds

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        async with self._open_events(receive) as events:  # a shut gate raises here, while a problem can still be sent
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            more = True
            while more:
                data, more = await self._next(events)
                try:
                    await send({"type": "http.response.body", "body": data, "more_body": more})
                except OSError:  # how some servers say that the client has gone
                    return

    async def _next(self, events: Events) -> tuple[bytes, bool]:
        """Return what to send next, and whether more will come."""
        try:
            with anyio.move_on_after(self._heartbeat_seconds):
                event = await events.next()
                return encode(event), not isinstance(event, Finished | Failed)
        except Exception as error:  # noqa: BLE001  an edge: the stream has begun, so the error becomes its last event
            return encode(failed_of(error)), False
        return HEARTBEAT, True


def encode(event: Event) -> bytes:
    """Return the event as SSE writes it. JSON escapes line ends, so its data is one line."""
    name, data = event_out(event)
    return f"event: {name}\ndata: {data.model_dump_json()}\n\n".encode()


def wants_event_stream(accept: str) -> bool:
    return any(kind.partition(";")[0].strip().lower() == "text/event-stream" for kind in accept.split(","))


async def _pump(
    ask: Ask, outbox: MemoryObjectSendStream[Event | Exception], deserted: threading.Event, limiter: CapacityLimiter
) -> None:
    def run() -> None:
        # raised by a hand-over whose inbox is closed, or whose task was cancelled
        with suppress(BrokenResourceError, CancelledError):
            try:
                with closing(_generator(ask)) as events:
                    for event in events:
                        if deserted.is_set():
                            return
                        from_thread.run(outbox.send, event)
            except (BrokenResourceError, CancelledError):
                raise
            except Exception as error:  # noqa: BLE001  an edge: whoever reads the events raises it
                from_thread.run(outbox.send, error)

    async with outbox:
        await to_thread.run_sync(run, limiter=limiter)


def _generator(ask: Ask) -> Generator[Event, None, None]:
    yield from ask()


async def _cancel_when_gone(receive: Receive, scope: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
