"""Arrays that are used again, because asking for memory can take longer than the arithmetic in it."""

from __future__ import annotations

import math

import numpy as np

from reanalysis.design import FloatArray


class Room:
    """Arrays that are written again and again."""

    def __init__(self) -> None:
        self._arrays: dict[str, FloatArray] = {}
        self._parts: dict[str, Room] = {}

    def array(self, name: str, shape: tuple[int, ...]) -> FloatArray:
        """Return the array of a name, with whatever stands in it."""
        size = math.prod(shape)
        if name not in self._arrays or self._arrays[name].size < size:
            self._arrays[name] = np.empty(size)
        return self._arrays[name][:size].reshape(shape)

    def part(self, name: str) -> Room:
        """Return a room of its own within this one."""
        return self._parts.setdefault(name, Room())


class NewRoom(Room):
    """Arrays that are kept: a new one each time."""

    def array(self, name: str, shape: tuple[int, ...]) -> FloatArray:
        """Return a new array."""
        del name
        return np.empty(shape)

    def part(self, name: str) -> Room:
        """Return a new room."""
        del name
        return NewRoom()
