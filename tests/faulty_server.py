"""A server for the tests: the collector and short links of a lake, with a switch that makes requests fail.

In the folder ``faults`` each file is one request that fails, with the status that begins its name; removing a file is
atomic, so that several web processes share the switch.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

FAULTS = "CANYU_TEST_FAULTS"


class FaultSwitch:
    """An ASGI application that answers as many requests as it is told with a fault, and hands on the others."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._folder = Path(os.environ[FAULTS])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        is_event = scope["type"] == "http" and scope["method"] == "POST" and not scope["path"].startswith("/flags")
        status = self._take() if is_event else 0
        if not status:
            await self._app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-length", b"0"), (b"access-control-allow-origin", b"*")]
        headers += [(b"retry-after", b"1")] if status == 429 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _take(self) -> int:
        for path in sorted(self._folder.iterdir()):
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            return int(path.name[:3])
        return 0


if os.environ.get(FAULTS) and __name__ != "__main__":
    from canyu.ops.asgi import application as served

    application = FaultSwitch(served)


def main() -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    from canyu.commands.serve import configure, prepare, run_errands

    lake, port = sys.argv[1], int(sys.argv[2])
    os.environ["CANYU_COLLECTOR_ONLY"] = "true"
    configure(lake, "127.0.0.1")
    prepare()
    multiprocessing.set_start_method("spawn", force=True)
    with run_errands():
        Server(
            "faulty_server:application",
            port=port,
            interface=Interfaces.ASGI,
            workers=2,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            log_level=LogLevels.warning,
            websockets=False,
        ).serve()


if __name__ == "__main__":
    main()
