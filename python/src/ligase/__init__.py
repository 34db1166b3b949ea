"""Write Python functions, and run them as workflows: in their own environments, anywhere, never twice.

    from ligase import Image, function

    @function(image=Image(python_packages=["biopython"]), cpu=4, memory="32Gi")
    def download(accession: str) -> int: ...

    if __name__ == "__main__":
        print(download.remote("NC_005816"))

Run it with ``python app.py``, or ``ligase run app.py:main``.
"""

from .context import JobContext, job_context, progress
from .endpoint import Endpoint, endpoint, web
from .environment import env
from .errors import LigaseError, RemoteError
from .files import Dir, File
from .function import Function, function
from .handle import Handle
from .image import Image
from .output import Output
from .results import Results
from .volume import Volume

__version__ = "0.1.0"
__all__ = [
    "Dir",
    "Endpoint",
    "File",
    "Function",
    "Handle",
    "Image",
    "JobContext",
    "LigaseError",
    "Output",
    "RemoteError",
    "Results",
    "Volume",
    "endpoint",
    "env",
    "function",
    "job_context",
    "progress",
    "web",
]
