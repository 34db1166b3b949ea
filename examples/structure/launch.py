"""Sends an alignment to the service, shows how far it is, and writes the structure.

    python launch.py --msa your.fasta --output your.pdb --endpoint http://127.0.0.1:4747/v2/structure

Needs Python's standard library alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any


class Failure(Exception):
    """Something to tell the person in a line."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Sends an alignment to the service, and writes the structure.")
    parser.add_argument("--msa", required=True, help="an alignment: FASTA, A2M, A3M or Stockholm, also compressed (.gz)")
    parser.add_argument("--output", required=True, help="where the structure goes; map and table go beside it")
    parser.add_argument("--endpoint", required=True, help="http://127.0.0.1:4747/v2/structure")
    parser.add_argument("--key", help="default: LIGASE_API_KEY, or the token of the server of this machine")
    parser.add_argument("--query", help="whose structure; default: the first sequence")
    parser.add_argument("--backend", help="dca (default) or alphafold")
    parser.add_argument("--seed", type=int, help="default: 1")
    arguments = parser.parse_args()
    try:
        launch(arguments)
    except Failure as failure:
        say(f"error: {failure}")
        return 1
    return 0


def launch(arguments: argparse.Namespace) -> None:
    endpoint = arguments.endpoint.rstrip("/")
    key = arguments.key or os.environ.get("LIGASE_API_KEY") or local_token(endpoint)
    job = {"msa": read_text(arguments.msa), "name": Path(arguments.msa).name}
    job.update({name: value for name in ("query", "backend", "seed") if (value := getattr(arguments, name)) is not None})
    name = call(endpoint, key, "POST", "/run", {"input": job})["id"]
    try:
        status = call(endpoint, key, "GET", f"/status/{name}")
        while status["status"] in ("IN_QUEUE", "IN_PROGRESS"):
            show(status)
            time.sleep(0.3)
            status = call(endpoint, key, "GET", f"/status/{name}")
    except KeyboardInterrupt:
        call(endpoint, key, "POST", f"/cancel/{name}", {})
        raise Failure("cancelled") from None
    if status["status"] != "COMPLETED":
        raise Failure(f"{status['status'].lower()}: {reason_of(status.get('error'))}")

    result = status["output"]
    output = Path(arguments.output)
    output.write_text(result["pdb"])
    beside = output.with_suffix("") if output.suffix.lower() == ".pdb" else output
    for field, ending in (("svg", ".svg"), ("table", ".tsv")):
        if field in result:
            Path(f"{beside}{ending}").write_text(result[field], encoding="utf-8")
    depth = f" ({result['effectiveSequences']} effective)" if "effectiveSequences" in result else ""
    say(f"{output}: {result['columns']} residues, from {result['sequences']} sequences{depth}")
    for warning in result["warnings"]:
        say(f"warning: {warning}")


def call(endpoint: str, key: str | None, method: str, path: str, body: Any = None) -> Any:
    """Asks the endpoint. Every answer that is no success is a failure with its reason."""
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(endpoint + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        text = error.read().decode(errors="replace")
        try:
            text = reason_of(json.loads(text).get("error"))
        except (ValueError, AttributeError):
            text = text[:200].strip()
        raise Failure(f"{endpoint} answered {error.code}: {text}") from None
    except (OSError, ValueError) as error:
        raise Failure(f"nobody answers at {endpoint}: is the server running? (ligase serve; {error})") from None


def read_text(path: str) -> str:
    """The text of an alignment, compressed or not."""
    try:
        data = Path(path).read_bytes()
    except OSError:
        raise Failure(f"cannot read {path}") from None
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()


def local_token(endpoint: str) -> str | None:
    """A server of this machine lets its own user in by a file in its store, in this folder or one above."""
    if not re.match(r"https?://(localhost|127\.0\.0\.1|\[::1\])[:/]", endpoint):
        return None
    here = Path.cwd()
    for folder in (here, *here.parents):
        token = folder / ".ligase" / "server.token"
        if token.exists():
            return token.read_text().strip()
    return None


def reason_of(error: Any) -> str:
    """Errors of handlers are text, or JSON with a message in it."""
    if not isinstance(error, str):
        return json.dumps(error or "no reason was given")
    try:
        return str(json.loads(error)["error_message"])
    except (ValueError, KeyError, TypeError):
        return error


shown = ""


def show(status: dict[str, Any]) -> None:
    """One line that changes in a terminal; a new one for every step elsewhere."""
    global shown
    said = status.get("output")
    said = said if isinstance(said, dict) else {}
    waiting = f"waiting for a worker{': ' + status['reason'] if status.get('reason') else ''}"
    words = waiting if status["status"] == "IN_QUEUE" else said.get("doing", "starting")
    line = f"{said['percent']:3} % {words}" if "percent" in said else words
    if line != shown:
        shown = line
        sys.stderr.write(f"\r{line}\033[K" if sys.stderr.isatty() else f"{line}\n")
        sys.stderr.flush()


def say(line: str) -> None:
    """Says something on a line of its own."""
    sys.stderr.write("\r\033[K" if sys.stderr.isatty() and shown else "")
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
