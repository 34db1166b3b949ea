import { LigaseError } from "../../kernel/index.ts";
import { bytesOf } from "./body.ts";
import { badRequest } from "./problems.ts";
import { type Route, route, routeWith } from "./route.ts";

/** Bytes of one file of code: weights of a model belong on a volume. */
const LARGEST_FILE = 512 * 2 ** 20;
/** Of lists of files: 100,000 of them. */
export const LARGEST_LIST = 16 * 2 ** 20;

/** Code, by the hashes of its files: what is there already is not sent again. */
export const codeRoutes: readonly Route[] = [
  routeWith("Hashes", {
    method: "POST",
    path: "/code/missing",
    tag: "Deployments",
    doc: "Which of these files of code the server does not have yet.",
    verb: "deploy",
    limit: LARGEST_LIST,
    answer: "Missing",
    run: async ({ body }, { services }) => ({ missing: await services.deployments.missing(body.hashes) }),
  }),
  route({
    method: "PUT",
    path: "/code/{sha256}",
    tag: "Deployments",
    doc: "Brings a file of code: its bytes, under their SHA-256.",
    verb: "deploy",
    body: "bytes",
    answer: "nothing",
    async run({ params: { sha256 = "" }, c }, { services }) {
      if (!/^[0-9a-f]{64}$/.test(sha256)) throw badRequest("sha256 must be 64 hexadecimal digits");
      try {
        await services.deployments.putCode(sha256, bytesOf(c.req.raw, LARGEST_FILE));
      } catch (error) {
        // Who hung up needs no answer, but it is no fault of ours.
        if (c.req.raw.signal.aborted && !(error instanceof LigaseError)) throw badRequest("the file broke off");
        throw error;
      }
    },
  }),
];
