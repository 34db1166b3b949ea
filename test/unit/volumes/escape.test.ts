/** That nothing leads out of a volume: no path, no link, nobody who exchanges one for the other meanwhile. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LigaseError } from "../../../src/kernel/index.ts";
import { pathInVolume } from "../../../src/volumes/path.ts";
import { freshFolder, freshVolume, snapshot, streamOf } from "./tree.ts";

const CANARY = "canary: nobody may read or change this";

/** A volume beside which lies what must stay as it is. */
function guarded() {
  const dir = freshFolder();
  const volume = freshVolume(dir);
  const outside = join(dir, "outside");
  mkdirSync(join(outside, "d"), { recursive: true });
  writeFileSync(join(outside, "f"), CANARY);
  writeFileSync(join(outside, "d/f"), CANARY);
  return { dir, volume, outside };
}

const code = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    return String(await work());
  } catch (error) {
    expect(error).toBeInstanceOf(LigaseError);
    return (error as LigaseError).code;
  }
};

describe("links", () => {
  it("that lead out are refused, whatever is done", async () => {
    const { dir, volume, outside } = guarded();
    const before = snapshot(outside);
    for (const [name, target] of Object.entries({
      up: "../../outside",
      absolute: outside,
      file: "../../outside/f",
      roundabout: "./../seq/../../outside",
      slash: "/",
      parent: "..",
    })) {
      symlinkSync(target, join(volume.root, name));
    }
    symlinkSync("up", join(volume.root, "twice"));
    writeFileSync(join(dir, "local"), "mine");
    for (const link of ["up", "absolute", "roundabout", "twice"]) {
      for (const path of [`${link}/f`, `${link}/new`, `${link}/d/f`]) {
        expect(await code(() => volume.read(path))).toBe("LIGASE_E_VOLUME_PATH");
        expect(await code(() => volume.stat(path))).toBe("LIGASE_E_VOLUME_PATH");
        expect(await code(() => volume.put(join(dir, "local"), path))).toBe("LIGASE_E_VOLUME_PATH");
        expect(await code(() => volume.write(path, streamOf("x")))).toBe("LIGASE_E_VOLUME_PATH");
        expect(await code(() => volume.remove(path))).toBe("LIGASE_E_VOLUME_PATH");
        expect(await code(() => volume.move(path, "taken"))).toBe("LIGASE_E_VOLUME_PATH");
        expect(await code(() => volume.makeFolder(`${path}/deeper`))).toBe("LIGASE_E_VOLUME_PATH");
        expect(await code(() => volume.get(path, join(dir, "got")))).toBe("LIGASE_E_VOLUME_PATH");
      }
      expect(await code(() => volume.list(link))).toBe("LIGASE_E_VOLUME_PATH");
    }
    expect(await code(() => volume.read("file"))).toBe("LIGASE_E_VOLUME_PATH");
    expect(await code(() => volume.write("file", streamOf("x")))).toBe("LIGASE_E_VOLUME_PATH");
    expect(await code(() => volume.list("slash"))).toBe("LIGASE_E_VOLUME_PATH");
    expect(await code(() => volume.list("parent"))).toBe("LIGASE_E_VOLUME_PATH");
    expect(snapshot(outside)).toEqual(before);
  });

  it("that stay inside are followed, relative and absolute, through folders and back", async () => {
    const volume = freshVolume();
    await volume.write("a/deep/f", streamOf("content"));
    for (const [name, target] of Object.entries({
      near: "a/deep/f",
      folder: "a/deep",
      absolute: join(volume.root, "a"),
      whole: volume.root,
      back: "a/../a/deep",
    })) {
      symlinkSync(target, join(volume.root, name));
    }
    symlinkSync("../../near", join(volume.root, "a/deep/up"));
    for (const path of ["near", "folder/f", "absolute/deep/f", "whole/a/deep/f", "back/f", "a/deep/up", "folder/up"]) {
      expect(await text(await volume.read(path))).toBe("content");
    }
    await volume.write("folder/new", streamOf("new"));
    expect(await text(await volume.read("a/deep/new"))).toBe("new");
    expect((await volume.list("folder")).map(({ path }) => path)).toEqual(["folder/f", "folder/new", "folder/up"]);
  });

  it("without end, and to nowhere, are told of as such", async () => {
    const volume = freshVolume();
    symlinkSync("round", join(volume.root, "round"));
    symlinkSync("nowhere", join(volume.root, "broken"));
    expect(await code(() => volume.read("round"))).toBe("LIGASE_E_VOLUME_PATH");
    expect(await code(() => volume.read("round/x"))).toBe("LIGASE_E_VOLUME_PATH");
    expect(await volume.stat("broken")).toBeUndefined();
    expect(await volume.list("")).toMatchObject([
      { path: "broken", kind: "link", target: "nowhere" },
      { path: "round", kind: "link", target: "round" },
    ]);
  });

  it("are removed and moved themselves, never what they lead to", async () => {
    const { volume, outside } = guarded();
    const before = snapshot(outside);
    symlinkSync(outside, join(volume.root, "out"));
    mkdirSync(join(volume.root, "folder"));
    symlinkSync(outside, join(volume.root, "folder/out"));
    await volume.move("out", "moved");
    expect(snapshot(volume.root)).toEqual({ folder: "/", "folder/out": `→ ${outside}`, moved: `→ ${outside}` });
    await volume.remove("moved");
    await volume.remove("folder");
    expect(snapshot(volume.root)).toEqual({});
    expect(snapshot(outside)).toEqual(before);
  });
});

it("no path whatever leads out, through no links whatever", async () => {
  const names = ["a", "b", "f", "l1", "l2", "l3"];
  const segment = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...names) },
    { weight: 3, arbitrary: fc.constantFrom("..", ".", "", "...", "outside", "volumes", "seq", "\0", " ", "~", "*") },
    { weight: 1, arbitrary: fc.string() },
  );
  const path = fc.array(segment, { maxLength: 7 }).map((parts) => parts.join("/"));
  const target = fc.oneof(
    path,
    path.map((inner) => `../../outside/${inner}`),
    path.map((inner) => `OUTSIDE/${inner}`),
    path.map((inner) => `ROOT/${inner}`),
  );
  const step = fc.record({
    op: fc.constantFrom("read", "write", "put", "copy", "move", "remove", "makeFolder", "list", "stat", "link"),
    path,
    other: path,
    target,
    raw: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { dir, volume, outside } = guarded();
      const before = snapshot(outside);
      writeFileSync(join(dir, "local"), "mine");
      for (const { op, path: given, other, target: to, raw } of steps) {
        const tried = await code(async () => {
          // What people write is read first; the volume itself must hold even where that was forgotten.
          const inside = (each: string): string =>
            raw ? each.replaceAll("\0", "0").split("/").filter(Boolean).join("/") : pathInVolume("seq", each);
          const [p, q] = [inside(given), inside(other)];
          if (op === "read") return text(await volume.read(p));
          if (op === "write") return volume.write(p, streamOf("x"));
          if (op === "put") return volume.put(join(dir, "local"), p);
          if (op === "copy") return volume.copy(p, volume, q);
          if (op === "move") return volume.move(p, q);
          if (op === "remove") return volume.remove(p);
          if (op === "makeFolder") return volume.makeFolder(p);
          if (op === "list") return (await volume.list(p)).map(({ path: each }) => each).join();
          if (op === "stat") return (await volume.stat(p))?.kind;
          const link = to.replace("OUTSIDE", outside).replace("ROOT", volume.root).replaceAll("\0", "0") || ".";
          const name = names[given.length % names.length]!;
          rmSync(join(volume.root, name), { recursive: true, force: true });
          return symlinkSync(link, join(volume.root, name));
        });
        expect(tried).not.toContain("canary");
      }
      expect(snapshot(outside)).toEqual(before);
      expect(Object.values(snapshot(volume.root)).join()).not.toContain("canary");
      rmSync(dir, { recursive: true });
    }),
    { numRuns: 300 },
  );
});

it.skipIf(process.platform !== "linux")(
  "somebody who exchanges a folder for a link all the while leads nobody out",
  async () => {
    const { volume, outside } = guarded();
    const before = snapshot(outside);
    const swapped = join(volume.root, "x");
    mkdirSync(swapped);
    const program = `
    const { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } = require("node:fs");
    const [x, outside] = process.argv.slice(1);
    // What is written there makes the folder anew, too: whatever fails, it goes on.
    const steps = [
      () => rmSync(x, { recursive: true, force: true }),
      () => symlinkSync(outside, x),
      () => unlinkSync(x),
      () => mkdirSync(x),
      () => writeFileSync(x + "/f", "its own"),
    ];
    console.log("begun");
    for (;;) for (const step of steps) try { step(); } catch {}`;
    const child = spawn(process.execPath, ["-e", program, swapped, outside], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    try {
      await once(child.stdout, "data");
      const seen = new Map<string, number>();
      for (let i = 0; i < 3000; i++) {
        const tried = await code(async () => {
          if (i % 3 === 0) return volume.write(`x/new-${i}`, streamOf("x"));
          if (i % 3 === 1) return text(await volume.read("x/f"));
          return volume.remove("x/d");
        });
        expect(tried).not.toContain("canary");
        seen.set(tried, (seen.get(tried) ?? 0) + 1);
      }
      // It was met in both of its states.
      expect([...seen.keys()]).toEqual(expect.arrayContaining(["undefined", "LIGASE_E_VOLUME_PATH"]));
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    expect(snapshot(outside)).toEqual(before);
  },
);
