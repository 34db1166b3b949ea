import { isMediaType, mediaTypeOf } from "../../files/index.ts";

/** What is opened in the browser, by the beginning of its media type; anything else is saved. */
const SHOWN =
  /^(?:image|audio|video)\/|^text\/(?:plain|csv|tab-separated-values|markdown)$|^application\/(?:json|jsonl|pdf|yaml)$|^chemical\//;
/**
 * No script, no form, no plug-in, no request, and an origin of its own: an SVG is shown as a picture, and nothing that a
 * file says reaches this server.
 */
const POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; font-src data:; frame-ancestors 'self'";
/** Browsers refuse to show a PDF in a sandbox; what scripts it holds run in a viewer that is one. */
const PDF_POLICY = "frame-ancestors 'self'";

/** The headers that say what a file is, and what a browser may do with it. */
export function presentation(name: string, said: string | undefined, download: boolean): Record<string, string> {
  const type = said !== undefined && isMediaType(said) ? said : mediaTypeOf(name);
  const essence = type.split(";", 1)[0]!.trim().toLowerCase();
  const shown = !download && SHOWN.test(essence);
  return {
    "Content-Type": essence.startsWith("text/") && !/charset=/i.test(type) ? `${type}; charset=utf-8` : type,
    "Content-Disposition": `${shown ? "inline" : "attachment"}; ${fileName(name)}`,
    "Content-Security-Policy": essence === "application/pdf" ? PDF_POLICY : POLICY,
  };
}

/** The name for saving (RFC 6266): in letters that all know, and as it is. */
function fileName(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]/g, "_").replaceAll(/["\\%]/g, "_");
  const exact = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename="${plain}"${plain === name ? "" : `; filename*=UTF-8''${exact}`}`;
}
