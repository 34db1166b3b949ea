/**
 * What is told of a build that failed: lines that the real programs print.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { buildError, reasonOf, shownCommand } from "../../../src/images/build/errors.ts";
import { ProgramFailed } from "../../../src/images/build/program.ts";
import { LigaseError } from "../../../src/kernel/index.ts";

const IMAGE = { short: "abc", title: "debian 12, apt bwaa", step: "apt bwaa" };

describe("the reason of a failure", () => {
  it.each([
    ["apt-get install", "E: Unable to locate package bwaa", "there is no Debian package bwaa"],
    ["apt-get install", "E: Package 'foo' has no installation candidate", "there is no Debian package foo"],
    ["apt-get install", "E: Version '9' for 'bwa' was not found", "Debian's archive does not have bwa in version 9"],
    [
      "mmdebstrap bookworm",
      "Err:1 http://deb.debian.org bookworm InRelease Temporary failure resolving 'deb.debian.org'",
      "Debian's archive could not be reached",
    ],
    [
      "apt-get update",
      "W: Failed to fetch … Could not connect to 127.0.0.1:9",
      "Debian's archive could not be reached",
    ],
    ["python3 -m pip install", "ERROR: No matching distribution found for nosuch", "there is no Python package nosuch"],
    [
      "python3 -m pip install",
      "NewConnectionError('…') after connection broken\nERROR: No matching distribution found for six",
      "the index of Python packages could not be reached",
    ],
    [
      "python3 -m pip install",
      "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
      "not the one that was locked",
    ],
    [
      "micromamba create",
      "error    libmamba Could not solve\n nothing provides requested nosuch",
      "no conda package nosuch",
    ],
    [
      "skopeo copy",
      'msg="reading manifest 1 in x/y: manifest unknown: manifest unknown"',
      "the registry has no such image",
    ],
    [
      "skopeo copy",
      'msg="pinging container registry x: dial tcp: lookup x: no such host"',
      "the registry could not be reached",
    ],
    ["skopeo copy", 'msg="unauthorized: access to the requested resource is not authorized"', "you must log in"],
    ["make", "cc: write error: No space left on device", "the disk is full"],
  ])("of %s: %s", (command, line, message) => {
    const reason = reasonOf(command, ["some line", line], "x/y:1");
    expect(reason?.message).toContain(message);
    expect(reason?.mend).not.toBe("");
  });

  it("is not guessed of words that another program prints", () => {
    expect(
      reasonOf("make test", ["Unable to locate package x", "connection refused", "unauthorized"], "x"),
    ).toBeUndefined();
  });
});

describe("the error of a build", () => {
  const command = ["/usr/bin/bwrap", "--bind", "/x", "/", "--", "apt-get", "--yes", "-o", "A::B=c", "install", "bwaa"];

  it("has the command as its user knows it, the last lines, and the path of the log", () => {
    const failed = new ProgramFailed(
      command,
      ["Reading…", "", "E: Unable to locate package bwaa"],
      100,
      "it exited with 100",
    );
    const error = buildError(failed, IMAGE, "/images/logs/abc.log");
    expect(error).toMatchObject({
      code: "LIGASE_E_IMAGE_BUILD",
      message:
        "the image abc (debian 12, apt bwaa) could not be built: there is no Debian package bwaa\n  Reading…\n  E: Unable to locate package bwaa",
      facts: { command: "apt-get --yes install bwaa", log: "/images/logs/abc.log", status: 100 },
    });
    expect((error as LigaseError).mend).toContain("/images/logs/abc.log");
  });

  it("shows a command of run as it was written", () => {
    expect(shownCommand(["/usr/bin/bwrap", "--", "/bin/sh", "-e", "-c", "make | tee x"])).toBe("make | tee x");
  });

  it("leaves what is told already, and an end that was asked for, as they are", () => {
    const own = new LigaseError("LIGASE_E_IMAGE_LOCK", "gone");
    expect(buildError(own, IMAGE, "x")).toBe(own);
    const stopped = new DOMException("stop", "AbortError");
    expect(buildError(stopped, IMAGE, "x")).toBe(stopped);
  });
});
