"""The published client of RunPod, told on stdin what to do: a JSON a line, answered by a JSON a line."""

import asyncio
import json
import sys
import threading

import aiohttp
import runpod

JOBS = {}
LOCK = threading.Lock()


async def do_async(given):
    async with aiohttp.ClientSession() as session:
        endpoint = runpod.AsyncioEndpoint(given["endpoint"], session, api_key=given["key"])
        job = await endpoint.run(given["input"])
        if given["call"] == "cancel":
            return [await job.status(), await job.cancel()]
        chunks = [chunk async for chunk in job.stream()]
        return [chunks, await job.output(timeout=30), await job.status()]


def do(op, given):
    if op == "async":
        return asyncio.run(do_async(given))
    if op == "job":
        job = JOBS[given["job"]]
        match given["call"]:
            case "status":
                return job.status()
            case "output":
                return job.output(timeout=given.get("timeout", 0))
            case "stream":
                return list(job.stream())
            case "cancel":
                return job.cancel()
    endpoint = runpod.Endpoint(given["endpoint"], api_key=given["key"])
    match op:
        case "run":
            job = endpoint.run(given["input"])
            JOBS[job.job_id] = job
            return job.job_id
        case "run_sync":
            return endpoint.run_sync(given["input"], timeout=given.get("timeout", 60))
        case "health":
            return endpoint.health()
        case "purge_queue":
            return endpoint.purge_queue()


def answer(asked):
    try:
        said = {"value": do(asked["op"], asked)}
    except Exception as error:  # What the client raises is what is looked at.
        status = getattr(getattr(error, "response", None), "status_code", None)
        said = {"raised": type(error).__name__, "message": str(error), "status": status}
    with LOCK:
        print(json.dumps({"id": asked["id"], **said}), flush=True)


for line in sys.stdin:
    threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()
