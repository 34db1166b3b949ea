import type { KeyView } from "../../remote/index.ts";
import { notThere } from "./problems.ts";
import { type Route, route, routeWith } from "./route.ts";

/** Keys: who may make them, sees them. */
export const keyRoutes: readonly Route[] = [
  route({
    method: "GET",
    path: "/keys",
    tag: "Keys",
    doc: "All keys, newest first; the keys themselves are nowhere.",
    verb: "admin",
    answer: ["Key"],
    run: (_asked, { services }): Promise<readonly KeyView[]> => services.keys.list(),
  }),
  routeWith("NewKey", {
    method: "POST",
    path: "/keys",
    tag: "Keys",
    doc: "Makes a key, and says it, this once.",
    verb: "admin",
    answer: "Key",
    run: ({ body }, { services }): Promise<KeyView> => services.keys.create(body),
  }),
  route({
    method: "DELETE",
    path: "/keys/{id}",
    tag: "Keys",
    doc: "Takes a key back: from now on it opens nothing.",
    verb: "admin",
    answer: "nothing",
    async run({ params: { id = "" } }, { services }) {
      if (await services.keys.revoke(id)) return;
      throw notThere(
        "key",
        id,
        (await services.keys.list()).map((key) => key.id),
      );
    },
  }),
];
