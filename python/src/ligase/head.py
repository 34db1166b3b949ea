"""Who evaluates calls: the engine, from inside of a job or of an ordinary program."""

from __future__ import annotations

import os
from typing import Any, Optional, Union

from .channel import Asked, Line
from .codec import decode
from .errors import LigaseError
from .expression import Call, encode_call
from .place import here


class Head:
    """The engine at the other end of a channel."""

    def __init__(self, channel: Line) -> None:
        self.channel = channel

    def ask(self, call: Call) -> Asked:
        """Has a call evaluated."""
        return self.channel.ask({"ev": "ask", "expression": encode_call(call)})

    def link(self, output: str, expires: Union[int, str, None]) -> Optional[str]:
        """A link to an output, given as it is written."""
        asked = self.channel.ask({"ev": "link", "output": output, "expires": expires})
        asked.wait()
        if asked.error is not None:
            raise asked.error
        assert asked.text is not None
        url: Any = decode(asked.text)
        return url if isinstance(url, str) else None


def current_head(asking: str) -> Head:
    """Who evaluates a call; started where nobody does yet.

    :param asking: the call, for messages: ``download.remote()``
    """
    if here.importing is not None:
        name = os.path.basename(here.importing)
        raise LigaseError(
            "LIGASE_E_PYTHON",
            f"{asking} is called while {name} is imported",
            mend='a module is imported again where its functions run: put the call below  if __name__ == "__main__":',
        )
    head: Any = here.head
    # A child of fork() keeps the connection of its parent, and is told so when it asks.
    if isinstance(head, Head) and (not head.channel.is_closed or head.channel.is_forked or here.is_remote()):
        return head
    from .session import start

    return start()
