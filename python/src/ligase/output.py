"""Outputs: files that a function hands to people, with a link that opens in a browser."""

from __future__ import annotations

import os
import re
from typing import Optional, Union

from .errors import LigaseError
from .files import Dir, File, Location, is_url
from .place import here

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+\Z")


class Output(File):
    """A file, or a folder (as a zip file), that a function hands to people.

    Return it: then it is kept, and wherever the result is shown there is a link, made anew each time with an expiry and a
    signature, so that a result from the cache never carries a dead one.

    >>> Output("plot.svg").name
    'plot.svg'
    """

    def __init__(self, path: Location, *, media_type: Optional[str] = None) -> None:
        super().__init__(path)
        if media_type is not None and not _MEDIA_TYPE.match(media_type):
            raise LigaseError("LIGASE_E_OPTION", f"{media_type!r} is no media type", mend="write it as 'image/png'")
        #: What it holds, where that does not come of its name.
        self.said_type = media_type
        if isinstance(path, (File, Dir)):
            self._known = dict(path._known) if isinstance(path, File) else {}
        if isinstance(path, File):
            self.sidecars = path.sidecars

    def save(self) -> Output:
        """Makes sure that it is there, so that a mistake in its name is found where it stands.

        :raises LigaseError: ``LIGASE_E_MISSING_OUTPUT``
        """
        if not is_url(self._path) and not self.exists():
            raise LigaseError(
                "LIGASE_E_MISSING_OUTPUT",
                f"the output {self._shown()} does not exist",
                mend="write the file before save()",
                facts={"path": self.path},
            )
        return self

    def public_url(self, expires: Union[int, str, None] = None) -> Optional[str]:
        """A link to it, which ends at its expiry (seconds, or text such as "1h"). Ask for one where it is shown.

        :returns: the link; nothing while nobody serves it: ``ligase serve`` does
        :raises LigaseError: ``LIGASE_E_LINK`` in the function that makes it: there is a link once that has returned it
        """
        if here.is_remote() or here.head is None:
            raise LigaseError(
                "LIGASE_E_LINK",
                f"{self._shown()} has no link yet: it gets one when the function has returned it",
                mend="return the Output, and ask for public_url() where it is shown",
            )
        from .codec import located_text

        return here.head.link(located_text(self), expires)  # type: ignore[no-any-return]

    def _shown(self) -> str:
        if here.work_dir is not None and self._path.startswith(here.work_dir + "/"):
            return os.path.relpath(self._path, here.work_dir)
        return self._path
