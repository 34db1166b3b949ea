"""``python3 -m ligase.endpoint_worker``: a worker of an endpoint. It takes jobs from the server and answers them, until it is ended.

It is started by the server with its settings in ``LIGASE_ENDPOINT_WORKER``, and speaks the worker protocol of RunPod over the
server's Unix socket, with what ``src/worker/endpoint/protocol.ts`` adds.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import threading
import time
from typing import Any, Callable, Dict, Mapping, Optional, Tuple
from urllib.parse import quote

from .answers import json_of
from .context import JobContext, running, set_context
from .errors import LigaseError
from .failures import HandlerFailure, cancellation, end, failure_body, give_up, stopped
from .head import Head
from .http_client import Answer, Client, ServerGone
from .job_calls import JobCalls
from .pings import Pings
from .place import here

SETTINGS = "LIGASE_ENDPOINT_WORKER"
#: How long the server may keep a worker waiting for a job: milliseconds.
WAIT_MS = 75_000

Job = Dict[str, Any]


class Dismissed(Exception):
    """The server does not know this worker any more."""


class EndpointWorker:
    """Serves one endpoint."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        self._client = Client(settings["socket"], settings["token"])
        self._base = f"/v2/{quote(settings['endpoint'], safe='')}"
        self._worker = quote(settings["worker"], safe="")
        # Before anything else: it forks.
        path = f"{self._base}/ping/{self._worker}"
        self._pings = Pings(self._client, path, settings["concurrency"], settings["pingMs"])
        self._calls = JobCalls(self._client, self._base, self._worker)
        here.head = Head(self._calls)
        self._call: Callable[[Any], Any] = lambda given: None
        self._fn: Any = None
        self._on_start: Optional[Callable[[], Any]] = None
        #: The event loop of handlers that are async; in the main thread.
        self._loop: Any = None
        #: What is to be done to end a job that is async.
        self._cancels: Dict[str, Callable[[], Any]] = {}
        self._progress: Dict[str, bytes] = {}
        self._said = threading.Condition()
        self._saying = False
        #: Held by the taker that waits for a job. Others wait for their turn: jobs go to workers that have fewer.
        self._turn = threading.Lock()

    def load(self) -> None:
        """Imports the app, finds the handler, and gets it ready. What fails ends the process, with a line that says why."""
        code, program = self._settings["codeDir"], self._settings["program"]
        here.in_worker = True
        here.root = here.code = code
        here.store_dir = self._settings["storeDir"] or None
        try:
            from .endpoint import Endpoint
            from .function import Function
            from .modules import module_at

            found = getattr(module_at(code, program["module"]), program["function"], None)
            fn = found.fn if isinstance(found, Endpoint) else found._fn if isinstance(found, Function) else found
            if not callable(fn):
                message = f"{program['module']} has no endpoint {program['function']} that a function answers"
                raise LigaseError("LIGASE_E_APP", message)
            self._fn = fn
            self._on_start = found.on_start if isinstance(found, Endpoint) else None
            if self._settings["parameters"] is None:
                self._call = fn
            else:
                from .inputs import Inputs

                self._call = Inputs(fn, code, bool(self._settings["enclosed"])).call
        except BaseException as error:
            give_up("import", error)

    def serve(self) -> None:
        """Takes jobs, and answers them. Async handlers share one event loop, in the main thread; others have a thread each."""
        is_async = inspect.iscoroutinefunction(self._fn) or inspect.isasyncgenfunction(self._fn)
        if is_async or inspect.iscoroutinefunction(self._on_start):
            import asyncio

            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        if self._on_start is not None:
            try:
                begun = self._on_start()
                if inspect.isawaitable(begun):
                    self._loop.run_until_complete(begun)
            except BaseException as error:
                give_up("onStart", error)
        places = range(self._settings["concurrency"])
        threading.Thread(target=self._guarded, args=(self._stops,), name="ligase-stop", daemon=True).start()
        if is_async:
            for place in places:
                self._start_taker(place)
            self._loop.run_forever()
        else:
            for place in places[1:]:
                self._start_taker(place)
            self._guarded(self._take_jobs, 0)

    def _start_taker(self, place: int) -> None:
        args = (self._take_jobs, place)
        threading.Thread(target=self._guarded, args=args, name=f"ligase-{place}", daemon=True).start()

    def _guarded(self, what: Callable[..., None], *args: Any) -> None:
        """Ends the process when a thread without which it is of no use does."""
        try:
            what(*args)
        except ServerGone as error:
            end(f"the server is gone: {error}")
        except Dismissed as error:
            end(f"the server does not want this worker: {error}")
        except BaseException as error:
            end(f"a defect of ligase: {type(error).__name__}: {error}")

    def _take_jobs(self, place: int) -> None:
        job: Optional[Job] = None
        while True:
            if job is None:
                busy = 1 if running else 0
                take = f"{self._base}/job-take/{self._worker}?gpu=cpu&job_in_progress={busy}&wait={WAIT_MS}"
                with self._turn:
                    answer = self._ask("GET", take)
                job = _job_in(answer)
            else:
                job = self._answer(job, place)

    def _answer(self, job: Job, place: int) -> Optional[Job]:
        """Runs a job, and gives the next one."""
        context = JobContext(job["id"], job.get("attempt", 1), self._say)
        running[context.job] = context
        self._pings.begin(place, context.job)
        set_context(context)
        try:
            body, is_stream = self._run(context, job.get("input"))
        finally:
            set_context(None)
            self._pings.end(place)
            del running[context.job]
            self._progress.pop(context.job, None)
            if context.folders:
                import shutil

                for folder in context.folders:
                    shutil.rmtree(folder, ignore_errors=True)
        answer = self._done(context.job, body, is_stream)
        if answer.status >= 400 and answer.status != 404:
            # Too large, say. The job must not wait for its time to be over.
            refused = RuntimeError(f"the server did not take the result: {_reason(answer)}")
            answer = self._done(context.job, self._failure(refused), is_stream)
        return _job_in(answer)

    def _done(self, job: str, body: bytes, is_stream: bool) -> Answer:
        path = f"{self._base}/job-done/{self._worker}/{job}?gpu=cpu&isStream={'true' if is_stream else 'false'}&take=1"
        waits = self._turn.acquire(blocking=False)
        try:
            return self._ask("POST", f"{path}&wait={WAIT_MS if waits else 0}", body)
        finally:
            if waits:
                self._turn.release()

    def _run(self, context: JobContext, given: Any) -> Tuple[bytes, bool]:
        pid = os.getpid()
        is_stream = False
        try:
            value = self._call(given)
            if inspect.iscoroutine(value):
                value = self._awaited(context, value)
            if inspect.isgenerator(value) or inspect.isasyncgen(value):
                is_stream = True
                if inspect.isasyncgen(value):
                    self._awaited(context, self._stream_later(context, value))
                else:
                    self._stream(context, value)
                return b'{"output":[]}', True
            output = json_of(value)
            if isinstance(value, dict) and len(value) == 1 and isinstance(value.get("error"), str):
                # As RunPod's handlers say that they failed.
                return self._failure(HandlerFailure(value["error"])), False
            return f'{{"output":{output}}}'.encode("utf-8", "backslashreplace"), False
        except BaseException as error:
            if os.getpid() != pid:
                raise  # a child of fork() that came out of the function: not the one that is waited for
            return self._failure(cancellation(error, context)), is_stream
        finally:
            if os.getpid() != pid:
                os._exit(0)

    def _awaited(self, context: JobContext, coroutine: Any) -> Any:
        """Runs a coroutine where all of them run, and waits for it here."""
        import asyncio

        if self._loop is None:
            return asyncio.run(coroutine)
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        self._cancels[context.job] = future.cancel
        try:
            if context.cancelled:
                future.cancel()
            return future.result()
        finally:
            self._cancels.pop(context.job, None)

    def _stream(self, context: JobContext, items: Any) -> None:
        for item in items:
            if context.cancelled:
                raise stopped()
            self._chunk(context, item)

    async def _stream_later(self, context: JobContext, items: Any) -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        try:
            async for item in items:
                # The next one is asked for when this one was taken; others of this loop go on meanwhile.
                await loop.run_in_executor(None, self._chunk, context, item)
        finally:
            await items.aclose()

    def _chunk(self, context: JobContext, item: Any) -> None:
        body = f'{{"output":{json_of(item)}}}'.encode("utf-8", "backslashreplace")
        answer = self._ask("POST", f"{self._base}/job-stream/{self._worker}/{context.job}?gpu=cpu", body)
        if answer.status >= 400:
            raise LigaseError("LIGASE_E_WORKER", f"the server did not take a value: {_reason(answer)}")

    def _failure(self, error: BaseException) -> bytes:
        return failure_body(error, self._settings["worker"], self._settings["codeDir"])

    def _say(self, context: JobContext, value: Any) -> None:
        """Keeps the latest; a thread of its own sends it."""
        body = f'{{"status":"IN_PROGRESS","output":{json_of(value)}}}'.encode("utf-8", "backslashreplace")
        with self._said:
            self._progress[context.job] = body
            if not self._saying:
                self._saying = True
                threading.Thread(target=self._guarded, args=(self._tell,), name="ligase-progress", daemon=True).start()
            self._said.notify()

    def _tell(self) -> None:
        while True:
            with self._said:
                while not self._progress:
                    self._said.wait()
                job, body = self._progress.popitem()
            if job in running:
                self._client.request("POST", f"{self._base}/job-done/{self._worker}/{job}?gpu=cpu", body)

    def _stops(self) -> None:
        """Hears which jobs are to end."""
        while True:
            answer = self._ask("GET", f"{self._base}/job-stop/{self._worker}?gpu=cpu&wait={WAIT_MS}")
            if answer.status == 404:
                return
            if answer.status != 200:
                continue
            for job in json.loads(answer.body)["jobsToStop"]:
                context = running.get(job)
                if context is None:
                    continue
                context.cancelled = True
                self._calls.cancel_all(job)
                cancel = self._cancels.get(job)
                if cancel is not None:
                    cancel()

    def _ask(self, method: str, path: str, body: Optional[bytes] = None) -> Answer:
        """Asks until there is an answer that says something: a server that is busy or closing says to come again."""
        tries = 0
        while True:
            answer = self._client.request(method, path, body)
            if answer.status in (401, 403, 410):
                raise Dismissed(_reason(answer))
            if answer.status < 500 and answer.status != 429:
                return answer
            time.sleep(min(5.0, 0.05 * 2**tries) if answer.retry_after is None else answer.retry_after)
            tries += 1


def _job_in(answer: Answer) -> Optional[Job]:
    if answer.status != 200 or not answer.body:
        return None
    told = json.loads(answer.body)
    if isinstance(told, list):
        told = told[0] if told else {}
    return told if "id" in told else None


def _reason(answer: Answer) -> str:
    try:
        return str(json.loads(answer.body)["error"])
    except (ValueError, KeyError, TypeError):
        return str(answer.status)


def main() -> None:
    """The program. The user's code has no business with the settings, and a token among them."""
    text = os.environ.pop(SETTINGS, None)
    if text is None:
        sys.exit("ligase.endpoint_worker is started by ligase")
    from .worker import unbuffered

    unbuffered()
    # The folder that `python3 -m` puts first is the current one, which has nothing to do with the code.
    if sys.path and sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    worker = EndpointWorker(json.loads(text))
    worker.load()
    worker.serve()


if __name__ == "__main__":
    main()
