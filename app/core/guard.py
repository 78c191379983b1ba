"""Work on hostile input, done in a child process with limits (security.md 1).

What a browser uploads or draws is parsed and checked by a process of its own: at most two seconds of CPU, some two
hundred megabytes beyond what it starts with, no files written, no core dump. Whatever happens in there, the web
process only sees an answer in JSON or that there was none. Children are forked by a small server that has the code
loaded already and one thread only (a web process has many, and forking those is not safe); it starts with the first
question, ends with the process that asked, and after some idle minutes by itself.

    value = guard.ask("app.processes.guarded:answer_findings", {"texts": …})

The task is a function of ours, named "module:function"; it takes one JSON value and returns one.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import orjson

CPU_SECONDS = 2.0
WALL_SECONDS = 20  # a busy machine gives a child less than it asks for
MEMORY = 200_000_000  # bytes beyond what a child starts with (about 100 MB)
ANSWER_BYTES = 16_000_000
AT_ONCE = 2  # children of one web process
IDLE_SECONDS = 900
START_SECONDS = 90

_HOUSE = str(Path(__file__).parents[2])
#: this file by itself: the rooms are loaded when a task needs them
_BEGIN = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
runpy.run_path(sys.argv[2])["serve"](int(sys.argv[3]))
"""
_BEGUN = b"."
_OUT_OF_MEMORY = b'{"gone":"memory"}'
_TOO_DEEP = b'{"gone":"depth"}'


class Gone(Exception):
    """The child gave no answer. `why`: "memory", "depth", or "killed" (time, memory or a crash of the interpreter)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Unavailable(Exception):
    """No child could be started, or too many questions wait already."""


class Failed(Exception):
    """The task raised what it should not have: a fault of ours. The text is for the log."""


@dataclass(frozen=True)
class Answer:
    """What a child answered, the CPU seconds it took and its peak memory in bytes."""

    value: Any
    cpu: float
    memory: int


def ask(task: str, value: Any, *, cpu: float = CPU_SECONDS) -> Any:
    """The answer of `task` ("module:function") to `value`. Raises Gone, Unavailable or Failed."""
    return measured(task, value, cpu=cpu).value


def measured(task: str, value: Any, *, cpu: float = CPU_SECONDS) -> Answer:
    """As `ask`, with what it cost."""
    question = orjson.dumps(value)
    if not _slots.acquire(timeout=WALL_SECONDS):
        raise Unavailable("too many questions at once")
    try:
        answer = orjson.loads(_server.put(task, question, cpu))
    except orjson.JSONDecodeError as error:
        raise Gone("killed") from error
    finally:
        _slots.release()
    if "gone" in answer:
        raise Gone(answer["gone"])
    if "failed" in answer:
        raise Failed(answer["failed"])
    return Answer(answer["value"], answer["cpu"], answer["memory"])


def preload(module: str) -> None:
    """Have a module with tasks loaded by every server that starts from now on, before anybody asks."""
    if module not in _preloaded:
        _preloaded.append(module)


def warm() -> None:
    """Start the server ahead of the first question; returns at once, while it loads what is to be `preload`ed."""
    with contextlib.suppress(Unavailable), _server.lock:
        _server.control()


class _Server:
    """The server of this process, started when it is needed; after a fork the new process gets one of its own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0

    def put(self, task: str, question: bytes, cpu: float) -> bytes:
        """Hand one end of a fresh pair to a child, send the question through the other and read the answer."""
        mine, theirs = socket.socketpair()
        with mine, theirs:
            self._hand_over(orjson.dumps({"task": task, "cpu": cpu}), theirs)
            theirs.close()
            return _converse(mine, question)

    def _hand_over(self, order: bytes, end: socket.socket) -> None:
        with self.lock:
            try:
                socket.send_fds(self.control(), [order], [end.fileno()])
            except OSError:  # it went to sleep meanwhile
                self.close()
                try:
                    socket.send_fds(self.control(), [order], [end.fileno()])
                except OSError as error:
                    raise Unavailable(str(error)) from error

    def control(self) -> socket.socket:
        """The socket to the server. The lock is held by the caller."""
        if self._socket is not None and self._pid == os.getpid():
            return self._socket
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BEGIN, _HOUSE, __file__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
                env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"},
                cwd="/", start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            mine.close()
            raise Unavailable(str(error)) from error
        finally:
            theirs.close()
        self._socket, self._pid = mine, os.getpid()
        with contextlib.suppress(OSError):  # whoever asks next will see that it is gone
            mine.send(orjson.dumps({"load": _preloaded}))
        return mine

    def close(self) -> None:
        """End the server; it ends by itself when its socket is closed."""
        if self._socket is not None:
            self._socket.close()
        if self._process is not None and self._pid == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        self._socket = self._process = None


_preloaded: list[str] = []
_server = _Server()
_slots = threading.BoundedSemaphore(AT_ONCE)


def close() -> None:
    """End the server of this process, if it has one."""
    with _server.lock:
        _server.close()


def _after_fork() -> None:
    """A forked process shares neither locks nor the server of its parent."""
    global _server, _slots
    _server, _slots = _Server(), threading.BoundedSemaphore(AT_ONCE)


atexit.register(close)
os.register_at_fork(after_in_child=_after_fork)


def _converse(end: socket.socket, question: bytes) -> bytes:
    """Wait until the child has begun, ask, and read until it hangs up. Empty when it died."""
    try:
        end.settimeout(START_SECONDS)
        if end.recv(1) != _BEGUN:
            raise Unavailable("the child did not begin")
        end.settimeout(WALL_SECONDS + 5)
        end.sendall(question)
        end.shutdown(socket.SHUT_WR)
        return b"".join(_chunks(end))
    except TimeoutError as error:
        raise Gone("killed") from error
    except OSError:
        return b""


def _chunks(end: socket.socket) -> Iterator[bytes]:
    left = ANSWER_BYTES
    while chunk := end.recv(1 << 20):
        left -= len(chunk)
        if left < 0:
            raise Gone("memory")
        yield chunk


# -- the other side -------------------------------------------------------------------------------------------


def serve(number: int) -> None:
    """Fork a child for every order that comes through the socket `number`, until the other end is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel clears up after them
    with socket.socket(fileno=number) as control:
        control.settimeout(IDLE_SECONDS)
        while True:
            try:
                order, ends, _flags, _address = socket.recv_fds(control, 4096, 1)
            except TimeoutError:
                return
            if not order:
                return
            asked = orjson.loads(order)
            if ends:
                _fork(asked, ends[0], control)
            else:
                _load(asked["load"])


def _load(modules: list[str]) -> None:
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception as error:  # said again, and answered for, when somebody asks it
            print(f"guard: {module}: {error!r}", file=sys.stderr, flush=True)


def _fork(order: dict[str, Any], end: int, control: socket.socket) -> None:
    module, _, function = str(order["task"]).partition(":")
    try:
        task = getattr(importlib.import_module(module), function)
        child = os.fork()
    except Exception as error:
        print(f"guard: {order['task']}: {error!r}", file=sys.stderr, flush=True)
        os.close(end)
        return
    if child:
        os.close(end)
        return
    control.close()
    _child(task, end, float(order["cpu"]))


def _child(task: Any, number: int, cpu: float) -> NoReturn:
    """Answer one question and end, whatever happens."""
    try:
        with socket.socket(fileno=number) as end:
            _limit(cpu)
            end.sendall(_BEGUN)
            end.sendall(_answer(task, b"".join(_chunks(end))))
    finally:
        os._exit(0)


def _limit(cpu: float) -> None:
    """What ends a child ends it for good: the kernel, not a handler."""
    seconds = max(1, round(cpu))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    most = _address_space() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _address_space() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _answer(task: Any, question: bytes) -> bytes:
    try:
        value = task(orjson.loads(question))
        spent = resource.getrusage(resource.RUSAGE_SELF)
        told = {"value": value, "cpu": spent.ru_utime + spent.ru_stime, "memory": spent.ru_maxrss * 1024}
        return orjson.dumps(told, default=str)
    except MemoryError:
        return _OUT_OF_MEMORY
    except RecursionError:
        return _TOO_DEEP
    except Exception as error:
        return orjson.dumps({"failed": f"{type(error).__name__}: {str(error)[:400]}"})
