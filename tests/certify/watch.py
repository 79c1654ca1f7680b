"""What a process does beside its results: files that it writes elsewhere, processes it starts, connections it makes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any


class Watch:
    """Sees every file that the process opens for writing, every process it starts and every connection it makes."""

    def __init__(self) -> None:
        self.allowed: Path | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.allowed is None:
            return
        if event == "open":
            path, mode, flags = arguments
            writes = bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) or set(mode or "") & set("wax+")
            if writes and isinstance(path, (str, bytes)):
                self._path(event, path)
        elif event in {
            "os.remove",
            "os.rename",
            "os.mkdir",
            "os.rmdir",
            "os.symlink",
            "os.link",
            "os.chmod",
            "os.truncate",
        }:
            for path in arguments:
                if isinstance(path, (str, bytes, os.PathLike)):
                    self._path(event, path)
        elif event in {
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.posix_spawn",
            "os.fork",
            "socket.connect",
            "ctypes.dlopen",
        }:
            self.seen.append(f"{event} {arguments!r:.200}")

    def _path(self, event: str, path: str | bytes | os.PathLike[str]) -> None:
        place = os.path.realpath(os.fsdecode(path))
        if self.allowed is not None and not place.startswith(f"{self.allowed}/"):
            self.seen.append(f"{event} {place}")


# An audit hook stays for as long as the process: one is enough.
WATCH = Watch()
