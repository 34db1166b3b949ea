/**
 * What the sandbox finds missing or forbidden on a machine, and the mends it knows.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { type CheckSources, checkSandbox } from "../../../src/images/sandbox/index.ts";

function machine(change: Partial<CheckSources> = {}): CheckSources {
  return {
    platform: "linux",
    find: (program) => `/usr/bin/${program}`,
    version: async (program) => `${program} 1.2.3`,
    probe: async () => {},
    kernel: () => null,
    privilege: async () => "mapped",
    ...change,
  };
}

const forbidden = async (): Promise<never> => {
  throw Object.assign(new Error("failed"), { stderr: "bwrap: No permissions to create new namespace\n" });
};

describe("the sandbox", () => {
  it("works where all is there", async () => {
    const found = { bwrap: "1.2.3", mmdebstrap: "1.2.3", skopeo: "1.2.3", umoci: "1.2.3" };
    expect(await checkSandbox(machine())).toEqual({ works: true, found, missing: [] });
  });

  it.each<[string, Partial<CheckSources>, string, string]>([
    ["macOS", { platform: "darwin" }, "Linux", "docker"],
    [
      "no bubblewrap",
      { find: (name) => (name === "bwrap" ? undefined : name) },
      "bubblewrap",
      "apt-get install bubblewrap",
    ],
    [
      "AppArmor",
      { probe: forbidden, kernel: (name) => (name.includes("apparmor") ? "1" : null) },
      "AppArmor forbids",
      "kernel.apparmor_restrict_unprivileged_userns=0",
    ],
    [
      "a kernel that forbids them to users",
      { probe: forbidden, kernel: (name) => (name.endsWith("userns_clone") ? "0" : null) },
      "forbids to users",
      "sysctl -w kernel.unprivileged_userns_clone=1",
    ],
    [
      "a kernel without",
      { probe: forbidden, kernel: (name) => (name.endsWith("max_user_namespaces") ? "0" : null) },
      "allows none",
      "user.max_user_namespaces",
    ],
    ["a container", { probe: forbidden }, "No permissions to create new namespace", "seccomp"],
  ])("does not with %s, and says what to do", async (_, change, what, mend) => {
    const { works, missing } = await checkSandbox(machine(change));
    expect(works).toBe(false);
    expect(missing[0]?.what).toContain(what);
    expect(missing[0]?.mend).toContain(mend);
  });

  it("works without the builders, and names what each is for", async () => {
    const { works, missing } = await checkSandbox(
      machine({ find: (name) => (name === "bwrap" ? name : undefined), privilege: async () => "single" }),
    );
    expect(works).toBe(true);
    const text = missing.map(({ what, mend }) => `${what}: ${mend}`).join("\n");
    expect(text).toContain("mmdebstrap, for Image.debian(…): apt-get install mmdebstrap");
    expect(text).toContain("skopeo, for Image.from(…)");
    expect(text).toContain("usermod --add-subuids");
  });
});
