// Runs the workflow of this bundle anew, in a store of its own, and compares what comes out with what came out then.
//
//     node verify.mjs             says OK, or what differs; exit status 0, or 1 when something differs
//     node verify.mjs --keep      keeps the folder of the run
//     node verify.mjs --container docker      by another engine for the environments of tasks
//
// It needs Node and the tools that the workflow calls; a network only where environments are made. Nothing in the bundle
// is changed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  copyFileSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

const NEEDED = 24;
const here = import.meta.dirname;
const workflow = join(here, "workflow");
const keep = process.argv.includes("--keep");
const given = process.argv.indexOf("--container");

if (Number.parseInt(process.versions.node, 10) < NEEDED)
  stop(`Node ${NEEDED} or newer is needed, and this is ${process.version}`);
const bundle = JSON.parse(readFileSync(join(here, "bundle.json"), "utf8"));

checkPackages();
checkTools();
checkSecrets();
await checkFiles();
const work = makeWorkFolder();
const code = await run(work);
if (code !== 0) {
  say(`\nFAILED: the run ended with ${code}; its folder is ${work}`);
  if (engine() && engine() !== "host") {
    say("the environments of tasks are made by an engine: this says what works here, and what is missing:");
    say("  node workflow/node_modules/ligase/bin/ligase doctor");
  }
  process.exit(1);
}
const same = await compare(work);
if (same && !keep) rmSync(work, { recursive: true, force: true });
else say(`the run is in ${work}`);
process.exit(same ? 0 : 1);

function say(line) {
  process.stdout.write(`${line}\n`);
}

function stop(why) {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

/** Packages with programs in them are for one kind of machine; `npm ci` gets those for this one. */
function checkPackages() {
  const machine = `${process.platform}-${process.arch}`;
  const asBundled = existsSync(join(workflow, "node_modules", ".bundled"));
  if (asBundled && machine !== bundle.machine) {
    stop(
      `the packages in this bundle are for ${bundle.machine}, and this is ${machine}: run \`npm ci\` in workflow/ first`,
    );
  }
  if (!existsSync(join(workflow, "node_modules", "ligase")))
    stop("workflow/node_modules is not there: run `npm ci` in workflow/");
}

/** Programs that the workflow called, and that are not on the PATH here. */
function checkTools() {
  const missing = Object.keys(bundle.tools)
    .filter((tool) => !(tool === "python3" && process.env.LIGASE_PYTHON))
    .filter((tool) => spawnSync("/bin/sh", ["-c", 'command -v "$0"', tool], { stdio: "ignore" }).status !== 0);
  if (missing.length === 0) return;
  const lines = missing.map((tool) =>
    bundle.tools[tool] === "" ? `  ${tool}` : `  ${tool} (${bundle.tools[tool]} was used)`,
  );
  stop(`the workflow calls programs that are not here:\n${lines.join("\n")}`);
}

/** Secrets are in no bundle: whoever runs it has their own. */
function checkSecrets() {
  const missing = bundle.secrets.filter(({ name }) => !process.env[`LIGASE_SECRET_${name}`]);
  if (missing.length === 0) return;
  const lines = missing.map(({ name, tasks }) => `  LIGASE_SECRET_${name}, for ${tasks.join(", ")}`);
  stop(`the workflow needs secrets, as variables of the environment:\n${lines.join("\n")}`);
}

/** The engine for environments: the one that was used then, or the one that was asked for. */
function engine() {
  return given === -1 ? bundle.container : (process.argv[given + 1] ?? "auto");
}

async function sha256(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** The code and the inputs are what they were. */
async function checkFiles() {
  const wrong = [];
  for (const file of [...bundle.code, ...bundle.inputs]) {
    const path = join(workflow, file.path);
    if (!existsSync(path))
      wrong.push(`  workflow/${file.path} is not there (${file.bytes} bytes, SHA-256 ${file.sha256})`);
    else if ((await sha256(path)) !== file.sha256) wrong.push(`  workflow/${file.path} is not what it was`);
  }
  if (wrong.length > 0) stop(`the bundle is not whole:\n${wrong.join("\n")}`);
}

/** A project of its own: the code is copied, inputs and packages are linked, for they may be large. */
function makeWorkFolder() {
  const folder = mkdtempSync(join(tmpdir(), "ligase-verify-"));
  const place = (path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return join(folder, path);
  };
  for (const { path } of bundle.code) copyFileSync(join(workflow, path), place(path));
  for (const { path } of bundle.inputs)
    if (!existsSync(join(folder, path))) symlinkSync(join(workflow, path), place(path));
  symlinkSync(join(workflow, "node_modules"), place("node_modules"));
  for (const { name } of bundle.volumes) {
    const from = join(here, "volumes", name);
    if (existsSync(from)) cpSync(from, place(join(".ligase", "volumes", name)), { recursive: true });
    else say(`the volume ${name} is empty: what was in it then is not in the bundle; put it into volumes/${name}/`);
  }
  return folder;
}

function run(folder) {
  const ligase = join(workflow, "node_modules", "ligase", "bin", "ligase");
  const args = ["run", bundle.entry, bundle.task, "--params", "params.json"];
  if (engine()) args.push("--container", engine());
  say(`ligase ${args.join(" ")}`);
  const env = { ...process.env, LIGASE_STORE: join(folder, ".ligase") };
  delete env.LIGASE_FROM;
  const child = spawn(process.execPath, [ligase, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status, signal) => resolve(status ?? signal));
  });
}

/** Compares the result with that of the run that was bundled: values by what they are, files by name and content. */
async function compare(folder) {
  const { DatabaseSync } = await import("node:sqlite");
  const store = new DatabaseSync(join(folder, ".ligase", "store.db"), { readOnly: true });
  const { result_value: result } = store
    .prepare("select result_value from runs order by started_at desc limit 1")
    .get();
  const files = store
    .prepare("select distinct name, hash from value_files where value = ? order by name, hash")
    .all(result);
  const tools = store.prepare("select tools from attempts where tools is not null").all();
  const images = store.prepare("select identity, packages from images").all();
  const value = store.prepare("select text from stored_values where hash = ?").get(result)?.text;
  store.close();

  const expected = bundle.outputs.map((file) => ({ ...file, key: `${file.name} ${file.sha256}` }));
  const here = new Set(files.map(({ name, hash }) => `${name} ${hash}`));
  const there = new Set(expected.map(({ key }) => key));
  const others = files.filter(({ name, hash }) => !there.has(`${name} ${hash}`));
  say("");
  let different = 0;
  for (const { name, sha256: hash, key } of expected) {
    if (here.has(key)) say(`same     ${hash.slice(0, 16)}  ${name}`);
    else {
      const at = others.findIndex((other) => other.name === name);
      const [other] = at === -1 ? [] : others.splice(at, 1);
      say(
        `DIFFERS  ${hash.slice(0, 16)}  ${name}${other ? `, which is ${other.hash.slice(0, 16)} here` : ", which was not made"}`,
      );
      different++;
    }
  }
  for (const { name, hash } of others) say(`DIFFERS  ${hash.slice(0, 16)}  ${name}, which was not made then`);
  if (result === bundle.result.hash) {
    say(
      `\nOK: ${expected.length === 0 ? "the result is what it was" : `the result and its ${expected.length} files are what they were`}`,
    );
    return true;
  }
  if (different + others.length === 0)
    say(`DIFFERS  the result\n  then: ${bundle.result.text}\n  now:  ${value ?? "(long)"}`);
  const versions = Object.assign({}, ...tools.map((row) => JSON.parse(row.tools)));
  for (const [tool, version] of Object.entries(bundle.tools)) {
    if (versions[tool] !== undefined && versions[tool] !== version)
      say(`  ${tool} was ${version}, and is ${versions[tool]} here`);
  }
  for (const { title, identity, packages } of bundle.environments) {
    const image = images.find((row) => row.identity === identity);
    const installed = image ? JSON.parse(image.packages) : {};
    for (const [key, version] of Object.entries(packages)) {
      const [manager, name] = key.split(" ");
      const now = installed[manager]?.[manager === "pip" ? name.toLowerCase().replace(/[-_.]+/g, "-") : name];
      if (now !== undefined && now !== version) say(`  ${name} was ${version} in ${title}, and is ${now} here`);
    }
  }
  say(`\nDIFFERENT: ${different + others.length} of ${expected.length} files differ`);
  return false;
}
