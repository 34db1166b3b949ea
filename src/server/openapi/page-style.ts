/** The style sheet of the page: as that of reports, with what explains calls. */
export const STYLE = `
:root {
  color-scheme: light;
  --page: #fff; --panel: #f6f8fa; --line: #e3e7eb; --strong: #c4ccd4; --text: #1b2027; --quiet: #59626d; --accent: #0b6480;
  --bad: #b3232f; --get: #1f6f47; --post: #8a5a00; --put: #5a4a9c; --delete: #b3232f;
}
@media (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #14181d; --panel: #1b2128; --line: #2b333c; --strong: #414c58; --text: #e8edf2; --quiet: #a3afba; --accent: #74c3de;
    --bad: #ff9096; --get: #6fcf9d; --post: #e5b45c; --put: #b3a6ee; --delete: #ff9096;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; padding: 0 1.25rem 4rem; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: break-word; }
.wrap { max-width: 60rem; margin: 0 auto; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--page); padding: .25rem .5rem; z-index: 3; }
code, pre { font-family: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
code { overflow-wrap: anywhere; }
pre { margin: .6rem 0; padding: .7rem .9rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; overflow-x: auto; line-height: 1.5; }
pre code { font-size: 1em; overflow-wrap: normal; }
small { font-size: .82em; color: var(--quiet); font-weight: 400; }
header { padding: 3rem 0 1rem; }
.over { margin: 0; color: var(--quiet); font-size: .82rem; letter-spacing: .06em; text-transform: uppercase; }
h1 { margin: .1rem 0 .3rem; font-size: 2.1rem; line-height: 1.2; letter-spacing: -.02em; font-weight: 650; }
.lead { margin: 0; color: var(--quiet); font-size: 1.02rem; }
nav ol { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: 0; padding: .6rem 0; list-style: none; border-block: 1px solid var(--line); }
nav a { color: var(--quiet); text-decoration: none; font-size: .9rem; }
nav a:hover { color: var(--accent); text-decoration: underline; }
section { padding: 2.2rem 0 0; scroll-margin-top: .5rem; }
h2 { margin: 0 0 .7rem; font-size: 1.25rem; letter-spacing: -.01em; font-weight: 650; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1.02rem; font-weight: 650; }
h4 { margin: 1rem 0 .3rem; font-size: .82rem; font-weight: 600; color: var(--quiet); }
p { margin: .5rem 0; max-width: 46rem; }
.quiet, .none { color: var(--quiet); }
.bad { color: var(--bad); }
article { padding-bottom: .4rem; }
article + article { border-top: 1px solid var(--line); }
details { border-bottom: 1px solid var(--line); }
summary { padding: .45rem 0; cursor: pointer; }
summary:hover { color: var(--accent); }
summary > span { color: var(--quiet); margin-left: .5rem; font-size: .9rem; }
details[open] { padding-bottom: .6rem; }
.method { display: inline-block; min-width: 3.6rem; font-size: .78rem; letter-spacing: .04em; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .delete { color: var(--delete); }
table { width: 100%; border-collapse: collapse; margin: .3rem 0 .6rem; font-size: .92rem; }
caption { text-align: left; color: var(--quiet); font-size: .82rem; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); font-weight: 400; }
tr:first-child > * { border-top: 0; }
th { width: 32%; } td:nth-child(2) { width: 28%; color: var(--quiet); }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .6rem 0; }
input { flex: 1 1 16rem; max-width: 28rem; }
input, button { font: inherit; padding: .35rem .6rem; color: inherit; background: var(--panel); border: 1px solid var(--strong); border-radius: 6px; }
button { cursor: pointer; }
@media (max-width: 40rem) { h1 { font-size: 1.6rem; } th, td { padding-right: .5rem; } summary > span { display: block; margin-left: 0; } }
@media print { details::details-content { content-visibility: visible; height: auto; } nav, form { display: none; } }
`;
