"""A real web server in this process, so that a test can look at the rows the server wrote."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from flask import Flask
from waitress.server import create_server


@dataclass
class LiveServer:
    """Waitress on a loopback port of the system's choice."""

    server: Any
    thread: threading.Thread
    port: int

    @classmethod
    def start(cls, app: Flask) -> LiveServer:
        """Listen and answer in threads of this process."""
        server = create_server(app, host="127.0.0.1", port=0, threads=6)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        return cls(server, thread, int(server.effective_port))

    def url(self, path: str = "/") -> str:
        """The address of a page."""
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self) -> None:
        """Stop listening, end the threads, close the sockets."""
        self.server.task_dispatcher.shutdown()
        self.server.close()
        self.thread.join(5)
