import { deployApp } from "../deploy/deploy.ts";
import { REMOTE, remoteOf, storeDirOf } from "../remote.ts";
import { defineCommand } from "./command.ts";

/** So long the command may take to end by itself, in milliseconds. */
const LEAVE_MS = 500;

/** `ligase deploy` */
export const deploy = defineCommand(
  {
    usage: "deploy <app>",
    about: [
      "Deploys the endpoints and web apps that a file exports: shows what changes against what is live, uploads what is new of the code, and switches. A new version takes over once a worker of it is ready, jobs that run finish on the old one, and no request is lost; one that does not start leaves the old one as it is.",
      "app.ts:fold deploys that endpoint alone, and leaves the others of the app as they are. What an app no longer declares is removed, after a question.",
      "The exit status is 0 when it serves, 1 when it does not.",
    ],
    examples: [
      "ligase deploy app.ts",
      "ligase deploy app.ts:fold",
      "ligase deploy app.py --plan",
      "ligase deploy app.ts --context team --yes",
    ],
    options: {
      plan: { type: "boolean", doc: "show what would change, and change nothing" },
      "dry-run": { type: "boolean", doc: "the same" },
      yes: { type: "boolean", short: "y", doc: "do not ask before endpoints are removed" },
      app: { type: "text", value: "<name>", doc: "what the app is called (after its project and file)" },
      json: { type: "boolean", doc: "print what came of it as JSON" },
      ...REMOTE,
    },
  },
  { least: 1, most: 1 },
  async ({ options, words: [word = ""] }, terminal) => {
    const { app, yes, json, store } = options;
    const plan = options.plan || options["dry-run"];
    const [remote, storeDir] = await Promise.all([remoteOf(options), storeDirOf(store)]);
    try {
      const came = await deployApp(word, { app, plan, yes, json }, { remote, storeDir }, terminal);
      if (json) terminal.out(JSON.stringify(came));
      return came.good ? 0 : 1;
    } finally {
      // What the app began when it was evaluated, as a timer or a server, does not hold the command.
      setTimeout(() => process.exit(), LEAVE_MS).unref();
    }
  },
);
