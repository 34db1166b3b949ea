"""Handles of calls that were begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Generic, Optional, TypeVar

from .codec import decode
from .expression import Call

if TYPE_CHECKING:
    from .channel import Asked, Line

R = TypeVar("R")


class Handle(Generic[R]):
    """A call that was begun by ``.spawn()``. Given to another call as an argument, it stands for its value."""

    def __init__(
        self, channel: Line, asked: Asked, call: Call, shape: Optional[Callable[[Any], Any]] = None
    ) -> None:
        self._channel = channel
        self._asked = asked
        self._shape = shape
        self.__ligase_call__ = call

    @property
    def text(self) -> Optional[str]:
        """Its value as it was written; nothing while there is none."""
        return self._asked.text

    def status(self) -> str:
        """``"running"`` (or waiting for its turn: ``"pending"``, where that is known), ``"done"``, ``"failed"``, ``"cancelled"``."""
        return self._asked.state

    def result(self, timeout: Optional[float] = None) -> R:
        """Waits for its value.

        :param timeout: seconds
        :raises RemoteError: what it raised there
        :raises TimeoutError: when it is not there in time; the call goes on
        """
        if not self._asked.wait(timeout):
            raise TimeoutError(f"{self.__ligase_call__.name}() has not ended after {timeout:g} s")
        value = value_of(self._asked, self._shape)
        return value  # type: ignore[no-any-return]

    def cancel(self) -> None:
        """Ends it, if nobody else waits for the same call. ``result()`` then raises."""
        self._channel.cancel(self._asked)

    def __repr__(self) -> str:
        return f"<{self.__ligase_call__.name}() {self.status()}>"


def value_of(asked: Asked, shape: Optional[Callable[[Any], Any]]) -> Any:
    """The value that came as an answer, anew each time: nobody changes what another was given."""
    if asked.error is not None:
        # Each who waits raises it: without the frames of the one before.
        raise asked.error.with_traceback(None)
    assert asked.text is not None
    value = decode(asked.text)
    return value if shape is None else shape(value)
