import { expect, it } from "vitest";
import { html, trusted } from "../../../src/report/html/html.ts";

const text = (content: string): string => html`${content}`.toString();

it("escapes what stands in a gap, in elements and in attributes", () => {
  const evil = `"><script>alert('1')</script>&amp;`;
  expect(html`<a title="${evil}">${evil}</a>`.toString()).toBe(
    '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;">' +
      "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</a>",
  );
});

it("takes HTML of its own as it is, joins lists, and leaves nothing for nothing", () => {
  const items = ["a<b", "c"].map((item) => html`<li>${item}</li>`);
  expect(html`${items}${null}${undefined}${false}${0}${trusted("<hr>")}`.toString()).toBe(
    "<li>a&lt;b</li><li>c</li>0<hr>",
  );
});

it("removes escape sequences, and shows that there were control characters", () => {
  expect(text("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07")).toBe("red link");
  expect(text("bell\x07 nul\0 c1\x85 tab\t line\r\nnext\rlast")).toBe(
    "bell\ufffd nul\ufffd c1\ufffd tab\t line\nnext\nlast",
  );
});

it("does not let text turn its direction around, nor leave half a character", () => {
  expect(text("a\u202eb\u2066c\u2069")).toBe("a\ufffdb\ufffdc\ufffd");
  expect(text("\ud800x 🧬 é")).toBe("\ufffdx 🧬 é");
  expect(text(Buffer.from([0x61, 0xff, 0xfe]).toString("utf8"))).toBe("a\ufffd\ufffd");
});
