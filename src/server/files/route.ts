import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import { type Claim, type LinkProblem, readClaim } from "../../files/links/index.ts";
import type { ServerContext } from "../context.ts";
import { problem } from "../problem.ts";
import { lengthOf, type Piece, streamOf } from "./body.ts";
import { isFresh, rangeApplies } from "./conditions.ts";
import { type OpenOutput, openOutput } from "./find.ts";
import { presentation } from "./presentation.ts";
import { type ByteRange, parseRange } from "./range.ts";

/** What a link that is not answered is told. */
const PROBLEMS: Readonly<Record<LinkProblem, readonly [status: 403 | 410, sentence: string]>> = {
  unsigned: [403, "This link is not signed: `ligase outputs` prints one that is."],
  forged: [403, "This link was changed, or is of another store: `ligase outputs` prints one that holds."],
  expired: [410, "This link has expired: `ligase outputs` prints a new one."],
};

/** Nobody keeps a file for longer without asking again, in seconds. */
const KEPT = 3600;

/** `GET /files/<hash>/<name>?expires=…&signature=…`: an output, for whoever has a link to it. */
export function fileRoutes(context: ServerContext): Hono {
  return new Hono().get("/:hash{[0-9a-f]{64}}/:name", async (c) => {
    const { hash, name } = c.req.param();
    const claim = readClaim({ hash, name }, c.req.query(), context.key, context.now());
    if (typeof claim === "string") {
      const [status, sentence] = PROBLEMS[claim];
      return problem(c, status, `link-${claim}`, sentence);
    }
    const output = await openOutput(context, hash, name);
    if (output === "unknown") return problem(c, 404, "unknown", "No task of this store left this file.");
    if (output === "gone") {
      return problem(c, 410, "gone", "This file was removed or changed: run the workflow again, and it is made anew.");
    }
    return send(c, output, claim, context.now());
  });
}

async function send(c: Context, { file, size, modified }: OpenOutput, claim: Claim, now: number): Promise<Response> {
  const content = { etag: `"${claim.hash}"`, modified: Math.floor(modified / 1000) * 1000 };
  const header = (name: string): string | undefined => c.req.header(name);
  const keep = Math.min(KEPT, claim.expires - Math.ceil(now / 1000));
  const headers: Record<string, string> = {
    ETag: content.etag,
    "Last-Modified": new Date(content.modified).toUTCString(),
    "Cache-Control": `private, max-age=${Math.max(0, keep)}, immutable`,
    "Accept-Ranges": "bytes",
  };
  if (isFresh(header, content)) {
    await file.close();
    return c.body(null, 304, headers);
  }
  Object.assign(headers, presentation(claim.name, claim.mediaType, claim.download));
  const ranges = rangeApplies(header, content) ? parseRange(header("range"), size) : "whole";
  if (ranges === "unsatisfiable") {
    await file.close();
    c.header("Content-Range", `bytes */${size}`);
    return problem(c, 416, "range", `No such part: the file has ${size} bytes.`);
  }
  const pieces = ranges === "whole" ? whole(size) : partsOf(ranges, size, headers);
  headers["Content-Length"] = String(lengthOf(pieces));
  const status = ranges === "whole" ? 200 : 206;
  // Nothing of the file is wanted: a stream that nobody reads would keep it open.
  if (c.req.method === "HEAD") {
    await file.close();
    return c.body(null, status, headers);
  }
  return c.body(streamOf(file, pieces), status, headers);
}

function whole(size: number): readonly Piece[] {
  return size === 0 ? [] : [{ first: 0, last: size - 1 }];
}

/** One part as it is; several each behind a head of its own (RFC 9110, 14.6). The headers are completed. */
function partsOf(ranges: readonly ByteRange[], size: number, headers: Record<string, string>): readonly Piece[] {
  const says = ({ first, last }: ByteRange): string => `bytes ${first}-${last}/${size}`;
  const [only, ...others] = ranges;
  if (only && others.length === 0) {
    headers["Content-Range"] = says(only);
    return [only];
  }
  const boundary = randomBytes(18).toString("base64url");
  const type = headers["Content-Type"];
  headers["Content-Type"] = `multipart/byteranges; boundary=${boundary}`;
  const text = (lines: string): Uint8Array => new TextEncoder().encode(lines);
  return [
    ...ranges.flatMap((range, i): Piece[] => [
      text(`${i === 0 ? "" : "\r\n"}--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${says(range)}\r\n\r\n`),
      range,
    ]),
    text(`\r\n--${boundary}--\r\n`),
  ];
}
