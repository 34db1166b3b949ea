"""Handlers for the published worker of RunPod, one of each kind. The package is used as it is."""

import asyncio
import sys
import time

import runpod


def note(ledger, line):
    with open(ledger, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def work(job):
    given = job["input"]
    match given.get("do"):
        case "raise":
            raise ValueError(f"cannot: {given['why']}")
        case "error":
            return {"error": given["why"], "detail": 1}
        case "empty":
            return {}
        case "progress":
            runpod.serverless.progress_update(job, {"step": 1})
            time.sleep(0.3)
            runpod.serverless.progress_update(job, {"step": 2})
            time.sleep(0.3)
            return "finished"
        case "block":
            runpod.serverless.progress_update(job, "blocks")
            time.sleep(given["seconds"])
        case "large":
            return "ACGT" * given["count"]
        case "nan":
            return float("nan")
        case "refresh":
            return {"refresh_worker": True, "value": 1}
        case "job":
            return {key: job[key] for key in sorted(job)}
        case _:
            return given


async def work_async(job):
    given = job["input"]
    if given.get("do") == "sleep":
        note(given["ledger"], f"started {job['id']}")
        try:
            await asyncio.sleep(given["seconds"])
        except asyncio.CancelledError:
            note(given["ledger"], f"stopped {job['id']}")
            raise
        return "slept"
    if given.get("do") == "meet":
        # Ends only when as many run at once as it says.
        note(given["ledger"], "here")
        while True:
            with open(given["ledger"], encoding="utf-8") as ledger:
                if len(ledger.readlines()) >= given["count"]:
                    return "met"
            await asyncio.sleep(0.02)
    return work(job)


def generate(job):
    for i in range(job["input"]["count"]):
        if i == job["input"].get("fail"):
            raise RuntimeError("in the midst")
        yield {"i": i}


async def generate_async(job):
    for i in range(job["input"]["count"]):
        await asyncio.sleep(0.01)
        yield f"chunk {i}"


CONFIG = {
    "sync": {"handler": work},
    "async": {"handler": work_async, "concurrency_modifier": lambda now: 4},
    "generator": {"handler": generate, "return_aggregate_stream": True},
    "async-generator": {"handler": generate_async},
    "refresh": {"handler": work, "refresh_worker": True},
}

if __name__ == "__main__":
    runpod.serverless.start(CONFIG[sys.argv[1]])
