"""Results of a mapped function, in the order of what it was mapped over."""

from __future__ import annotations

from collections import deque
from typing import Any, Callable, Deque, Generic, Iterable, Iterator, List, Optional, TypeVar

from .channel import Asked
from .expression import Call
from .handle import value_of
from .head import Head

R = TypeVar("R")

#: How many calls are open at once, when nothing is said. The head runs as many of them as there is room for.
IN_FLIGHT = 1000


class Results(Generic[R], Iterator[R]):
    """Gives results in the order of the inputs, as they come.

    The first calls are begun when it is made, others as results are taken, so that an endless source may be mapped over. When
    one fails, its error is raised where its result would stand; calls that were not begun are then not begun any more, and those
    under way are cancelled.
    """

    def __init__(
        self,
        head: Head,
        name: str,
        calls: Iterable[Call],
        shape: Optional[Callable[[Any], Any]],
        *,
        return_exceptions: bool,
        in_flight: int,
    ) -> None:
        self._head = head
        self._name = name
        self._is_taken = False
        self._calls: Optional[Iterator[Call]] = iter(calls)
        self._shape = shape
        self._return_exceptions = return_exceptions
        self._open: Deque[Asked] = deque()
        self._fill(in_flight)

    def __iter__(self) -> Results[R]:
        return self

    def __next__(self) -> R:
        self._is_taken = True
        if not self._open:
            raise StopIteration
        asked = self._open[0]
        asked.wait()
        self._open.popleft()
        self._fill(1)
        if asked.error is not None and not self._return_exceptions:
            self.close()
        try:
            value = value_of(asked, self._shape)
        except Exception as error:
            if self._return_exceptions:
                return error  # type: ignore[return-value]
            raise
        return value  # type: ignore[no-any-return]

    def close(self) -> None:
        """Takes no more results: what is under way is cancelled."""
        self._calls = None
        while self._open:
            self._head.channel.cancel(self._open.pop())

    def __enter__(self) -> Results[R]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not self._open:
            return
        if not self._is_taken:
            import warnings

            message = f"the results of {self._name}.map() were never taken: write  list({self._name}.map(…))"
            warnings.warn(message, RuntimeWarning, stacklevel=2, source=self)
        self.close()

    def _fill(self, more: int) -> None:
        """Begins some of the calls that are left."""
        begun: List[Asked] = []
        while self._calls is not None and len(begun) < more:
            try:
                call = next(self._calls)
            except StopIteration:
                self._calls = None
                break
            except BaseException:
                self.close()
                raise
            asked = self._head.ask(call)
            begun.append(asked)
            self._open.append(asked)
