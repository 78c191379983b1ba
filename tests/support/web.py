"""A real web server in this process, so that a test can look at the rows the server wrote."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from waitress.server import create_server

from app.core.db import db
from tests.support.signing import sign_in

#: seconds every page is late: what a test then no longer finds it did not wait for (`make soak`)
SLOW_PAGES = float(os.environ.get("SLOW_PAGES", "0"))


def _late(answer: Any) -> Any:
    """The application, with every page a browser goes to `SLOW_PAGES` late."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("HTTP_SEC_FETCH_MODE") == "navigate":
            time.sleep(SLOW_PAGES)
        answered: Iterable[bytes] = answer(environ, start_response)
        return answered

    return application


@dataclass
class LiveServer:
    """Waitress on a loopback port of the system's choice, before an application."""

    app: Flask
    server: Any
    thread: threading.Thread
    port: int

    @classmethod
    def start(cls, app: Flask) -> LiveServer:
        """Listen and answer in threads of this process."""
        server = create_server(_late(app) if SLOW_PAGES else app, host="127.0.0.1", port=0, threads=6)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        return cls(app, server, thread, int(server.effective_port))

    def url(self, path: str = "/") -> str:
        """The address of a page."""
        return f"http://127.0.0.1:{self.port}{path}"

    def let_in(self, page: Any, login: str) -> None:
        """Give the page's profile the cookie of a session of this person, as if he had signed in (whoever was before)."""
        with self.app.app_context():
            client = sign_in(self.app.test_client(), login)
            cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
            db.session.remove()
        assert cookie is not None
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.url()}])

    def stop(self) -> None:
        """Stop listening, end the threads, close the sockets."""
        self.server.task_dispatcher.shutdown()
        self.server.trigger.pull_trigger(self._close)
        self.thread.join(5)
        assert not self.thread.is_alive(), "the server does not stop"

    def _close(self) -> None:
        """In the server's own thread: a socket closed while that thread waits at it ends it with an error, and what a
        browser keeps open would keep it running."""
        for channel in list(self.server.active_channels.values()):
            channel.handle_close()
        self.server.close()
