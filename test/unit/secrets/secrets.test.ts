import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorFacts, LigaseError } from "../../../src/kernel/index.ts";
import { keyFile, keyOfText, madeKeyFile, readKeyFile } from "../../../src/secrets/key.ts";
import {
  checkSecretName,
  openSecrets,
  redactError,
  refuseInResult,
  type Secrets,
  takeSecretVariables,
} from "../../../src/secrets/index.ts";
import { saltOf, seal, unseal } from "../../../src/secrets/seal.ts";
import { openStore, type Store } from "../../../src/store/index.ts";

const NONE = { key: undefined, values: new Map<string, string>() };
const KEY = keyOfText("ab".repeat(32));

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "ligase-secrets-"));
  store = await openStore(join(dir, ".ligase"));
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const path = (): string => join(dir, "config/ligase/secrets.key");
const open = (key?: string): Secrets => openSecrets(store, { ...NONE, key }, path());
const codeOf = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    expect(error).toBeInstanceOf(LigaseError);
    return (error as LigaseError).code;
  }
};

describe("what is sealed", () => {
  it("opens as it was, with its name and its key alone", () => {
    const other = keyOfText("cd".repeat(32));
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), fc.string(), (value, name, otherName) => {
        const sealed = seal(name, value, KEY);
        expect(unseal(name, sealed, KEY)).toBe(value);
        expect(seal(name, value, KEY)).not.toBe(sealed);
        if (otherName !== name) expect(() => unseal(otherName, sealed, KEY)).toThrow("was changed in the store");
        expect(() => unseal(name, sealed, other)).toThrow("sealed with another key");
      }),
    );
  });

  it("says nothing of its value but its length", () => {
    const sealed = Buffer.from(seal("TOKEN", "s3cr3t-value", KEY), "base64");
    expect(sealed.includes("s3cr3t")).toBe(false);
    expect(sealed).toHaveLength(1 + 16 + 4 + 12 + 16 + "s3cr3t-value".length);
  });

  it("does not open with any of its bits changed, cut short or lengthened", () => {
    const sealed = Buffer.from(seal("TOKEN", "s3cr3t-value", KEY), "base64");
    const salt = { from: 1, to: 17 };
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed[i]! ^= 0x10;
      // With a key of its own a salt has no use.
      if (i >= salt.from && i < salt.to) expect(unseal("TOKEN", changed.toString("base64"), KEY)).toBe("s3cr3t-value");
      else expect(() => unseal("TOKEN", changed.toString("base64"), KEY)).toThrow(LigaseError);
      expect(() => unseal("TOKEN", sealed.subarray(0, i).toString("base64"), KEY)).toThrow(LigaseError);
    }
    expect(() => unseal("TOKEN", Buffer.concat([sealed, Buffer.of(0)]).toString("base64"), KEY)).toThrow(LigaseError);
    expect(() => unseal("TOKEN", "no base64 at all!", KEY)).toThrow("was changed in the store");
  });

  it("opens with the same passphrase, and with no other", () => {
    const phrase = keyOfText("correct horse battery");
    const sealed = seal("TOKEN", "value", phrase);
    expect(unseal("TOKEN", sealed, keyOfText("correct horse battery"))).toBe("value");
    expect(() => unseal("TOKEN", sealed, keyOfText("correct horse bat tery"))).toThrow("sealed with another key");
    expect(() => unseal("TOKEN", sealed, KEY)).toThrow("sealed with a passphrase, not with the key");
    expect(saltOf(seal("TOKEN", "value", phrase, saltOf(sealed)))).toEqual(saltOf(sealed));
  });
});

describe("the key", () => {
  it("is read in hexadecimal and Base64, else it is a passphrase", () => {
    const bytes = Buffer.alloc(32, 0xab);
    for (const text of [
      bytes.toString("hex"),
      bytes.toString("base64"),
      bytes.toString("base64url"),
      ` ${bytes.toString("hex")}\n`,
    ]) {
      expect(keyOfText(text)).toMatchObject({ kind: "key", key: bytes });
    }
    expect(keyOfText("twelve chars")).toMatchObject({ kind: "phrase", phrase: "twelve chars" });
    expect(() => keyOfText("short")).toThrow("too short");
  });

  it("lies in the user's configuration", () => {
    expect(keyFile({ XDG_CONFIG_HOME: "/home/ada/conf" })).toBe("/home/ada/conf/ligase/secrets.key");
    expect(keyFile({})).toMatch(/\/\.config\/ligase\/secrets\.key$/);
  });

  it("is made once, for its owner alone", async () => {
    expect(readKeyFile(path())).toBeUndefined();
    const made = madeKeyFile(path());
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "config/ligase")).mode & 0o777).toBe(0o700);
    expect(madeKeyFile(path())).toEqual(made);
    expect(readKeyFile(path())).toEqual(made);
    expect(readFileSync(path(), "utf8")).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  });

  it.each([0o644, 0o640, 0o602, 0o660])("is refused with mode %o, with the mend", async (mode) => {
    madeKeyFile(path());
    chmodSync(path(), mode);
    const error = await open()
      .set("TOKEN", "value")
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toMatchObject({ code: "LIGASE_E_SECRETS_KEY", mend: expect.stringContaining(`chmod 600 ${path()}`) });
    expect(await store.listSecrets()).toEqual([]);
  });

  it("is refused in a folder that others may change, and when it is none", async () => {
    madeKeyFile(path());
    chmodSync(join(dir, "config/ligase"), 0o777);
    expect(() => readKeyFile(path())).toThrow("others may change");
    chmodSync(join(dir, "config/ligase"), 0o755);
    expect(readKeyFile(path())).toBeDefined();
    writeFileSync(path(), "half a ke");
    expect(() => readKeyFile(path())).toThrow("holds no key");
    rmSync(path());
    mkdirSync(path());
    await expect(open().set("TOKEN", "value")).rejects.toThrow();
  });
});

describe("the secrets of a store", () => {
  it("are set, listed, read and removed", async () => {
    expect(await open().set("TOKEN", "one", 5)).toBe(false);
    expect(await open().set("B", "zwei\nZeilen ä", 6)).toBe(false);
    expect(await open().set("TOKEN", "two", 7)).toBe(true);
    expect(await open().list()).toEqual([
      { name: "B", from: "store", createdAt: 6, updatedAt: 6 },
      { name: "TOKEN", from: "store", createdAt: 5, updatedAt: 7 },
    ]);
    expect(await open().read(["TOKEN", "B", "TOKEN"])).toEqual({ TOKEN: "two", B: "zwei\nZeilen ä" });
    expect(JSON.stringify(await store.listSecrets())).not.toContain("two");
    await open().remove(["TOKEN"]);
    expect((await open().list()).map(({ name }) => name)).toEqual(["B"]);
  });

  it("that are not set are named, with the task and the mend", async () => {
    await open().set("NCBI_API_KEY", "value");
    await expect(open().read(["HF_TOKEN"], "download")).rejects.toMatchObject({
      code: "LIGASE_E_SECRET",
      message: "download needs the secret HF_TOKEN, which is not set",
      mend: "ligase secret set HF_TOKEN",
    });
    await expect(open().read(["NCBI_API_KEYS"], "download")).rejects.toMatchObject({
      mend: "did you mean NCBI_API_KEY? Or: ligase secret set NCBI_API_KEYS",
    });
    await expect(open().read(["X", "NCBI_API_KEY", "Y"], "t")).rejects.toThrow(
      "t needs the secrets X, Y, which are not set",
    );
    expect(await codeOf(() => open().remove(["NCBI_API_KEY", "X"]))).toBe("LIGASE_E_SECRET");
    expect(await open().list()).toHaveLength(1);
  });

  it("stand behind those in the environment", async () => {
    await open().set("TOKEN", "stored");
    const env: Record<string, string | undefined> = {
      LIGASE_SECRET_TOKEN: "given",
      LIGASE_SECRET_CI: "only here",
      LIGASE_SECRET_EMPTY: "",
      LIGASE_SECRETS_KEY: "ab".repeat(32),
      PATH: "/bin",
    };
    const variables = takeSecretVariables(env);
    expect(env).toEqual({ PATH: "/bin", LIGASE_SECRET_EMPTY: "" });
    expect(variables.key).toBe("ab".repeat(32));
    const secrets = openSecrets(store, variables, path());
    expect(await secrets.read(["TOKEN", "CI"])).toEqual({ TOKEN: "given", CI: "only here" });
    expect(await codeOf(() => secrets.read(["EMPTY"]))).toBe("LIGASE_E_SECRET");
    expect((await secrets.list()).map(({ name, from }) => [name, from])).toEqual([
      ["CI", "environment"],
      ["TOKEN", "environment"],
    ]);
    expect((await secrets.redactor())("given, only here, stored")).toBe("***, ***, stored");
  });

  it("are not opened with another key, nor begun anew with one", async () => {
    await open().set("TOKEN", "value");
    expect(await codeOf(() => open("cd".repeat(32)).read(["TOKEN"]))).toBe("LIGASE_E_SECRET_SEALED");
    expect(await codeOf(() => open("a passphrase").read(["TOKEN"]))).toBe("LIGASE_E_SECRET_SEALED");
    rmSync(path());
    expect(await codeOf(() => open().read(["TOKEN"]))).toBe("LIGASE_E_SECRETS_KEY");
    await expect(open().set("OTHER", "value")).rejects.toThrow("the key with which TOKEN was sealed is not here");
    expect(existsSync(path())).toBe(false);
    await open().remove(["TOKEN"]);
    expect(await open().set("TOKEN", "value")).toBe(false);
  });

  it("of one store and passphrase share a salt", async () => {
    const secrets = open("correct horse battery");
    await secrets.set("A", "1");
    await open("correct horse battery").set("B", "2");
    const [a, b] = await store.listSecrets();
    expect(saltOf(a!.sealed)).toEqual(saltOf(b!.sealed));
    expect(await open("correct horse battery").read(["A", "B"])).toEqual({ A: "1", B: "2" });
  });

  it.each(["", "1A", "A-B", "A B", "ä", "A=B", "PATH", "LD_PRELOAD", "LIGASE_STORE", "NODE_OPTIONS", "x".repeat(129)])(
    "may not be called %j",
    async (name) => {
      expect(await codeOf(() => checkSecretName(name))).toBe("LIGASE_E_SECRET");
      expect(await codeOf(() => open().set(name, "value"))).toBe("LIGASE_E_SECRET");
    },
  );

  it.each(["", "a\0b", "x".repeat(121 * 1024)])("may not have a value that no variable has", async (value) => {
    const error = await open()
      .set("TOKEN", value)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toMatchObject({ code: "LIGASE_E_SECRET" });
    if (value !== "") expect(JSON.stringify(errorFacts(error))).not.toContain(value.slice(0, 50));
  });
});

describe("what is recorded", () => {
  const secrets = { API_KEY: "s3cr3t-key" };

  it("has no secrets in errors: message, stack, facts, causes, as they are and encoded", () => {
    const cause = new TypeError(`url https://x/?key=${encodeURIComponent("s3cr3t-key")}`);
    const error = new LigaseError("LIGASE_E_JOB", "401 for s3cr3t-key", {
      mend: "is s3cr3t-key right?",
      facts: { stderr: ["Authorization: Basic " + Buffer.from("user:s3cr3t-key").toString("base64")], n: 1 },
      cause,
    });
    const clean = redactError(error, secrets);
    expect(JSON.stringify(errorFacts(clean))).not.toMatch(/s3cr3t-key|czNjcjN0/);
    expect(clean).toBeInstanceOf(LigaseError);
    expect(clean).toMatchObject({ code: "LIGASE_E_JOB", message: "401 for ***", facts: { n: 1 } });
    expect((clean as LigaseError).cause).toBeInstanceOf(TypeError);
  });

  it("is the same error where there is no secret in it", () => {
    const error = new RangeError("no");
    expect(redactError(error, secrets)).toBe(error);
    expect(redactError(error, {})).toBe(error);
    expect(redactError("thrown s3cr3t-key", secrets)).toMatchObject({ message: "thrown ***" });
  });

  it("is no result with a secret in it", () => {
    expect(() => refuseInResult('{"token":"Bearer s3cr3t-key"}', secrets, "login")).toThrow(
      "the result of login holds the secret API_KEY",
    );
    expect(() => refuseInResult(JSON.stringify('line\n"two"!'), { K: 'line\n"two"!' }, "t")).toThrow(
      "holds the secret K",
    );
    expect(() => refuseInResult('"clean"', secrets, "login")).not.toThrow();
    // Short values stand in results by chance.
    expect(() => refuseInResult('"test"', { K: "test" }, "login")).not.toThrow();
  });
});
