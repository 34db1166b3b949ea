/** The style sheet of the page: system fonts, light and dark by what the reader prefers, light on paper. */
export const STYLE = `
:root {
  color-scheme: light;
  --page: #fff; --panel: #f6f8fa; --line: #e3e7eb; --strong: #c4ccd4;
  --text: #1b2027; --quiet: #59626d; --accent: #0b6480;
  --done: #2da44e; --cached: #8fb8a0; --failed: #c01c28; --running: #1f6feb; --pending: #a8b1ba; --cancelled: #bf8700;
  --bad: #b3232f; --warn: #8a5a00; --good: #1f6f47; --tint: #fdf1f1; --hint: #fdf6e7;
  --t0: #4a7fb5; --t1: #e39a4a; --t2: #4fa387; --t3: #b9658b; --t4: #8f7fc4; --t5: #c9ac3f; --t6: #5fb2c2; --t7: #a87b5d; --t8: #aab2bc;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #14181d; --panel: #1b2128; --line: #2b333c; --strong: #414c58;
    --text: #e8edf2; --quiet: #a3afba; --accent: #74c3de;
    --done: #3fb950; --cached: #5b8069; --failed: #ff6b66; --running: #58a6ff; --pending: #68737e; --cancelled: #d9a520;
    --bad: #ff9096; --warn: #e5b45c; --good: #6fcf9d; --tint: #2a181a; --hint: #272114;
    --t0: #6ba0d6; --t1: #e6a862; --t2: #62b99c; --t3: #cb7fa2; --t4: #a698d8; --t5: #d2ba5c; --t6: #73c2d1; --t7: #bb9074; --t8: #77818c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; padding: 0 1.25rem 4rem; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
.wrap { max-width: 70rem; margin: 0 auto; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--page); padding: .25rem .5rem; z-index: 3; }
code, pre, .hash { font-family: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
code { overflow-wrap: anywhere; }
small { font-size: .82em; color: var(--quiet); font-weight: 400; }

.top { padding: 3rem 0 1rem; }
.over { margin: 0; color: var(--quiet); font-size: .82rem; letter-spacing: .06em; text-transform: uppercase; }
.mode { color: var(--warn); font-weight: 600; }
h1 { margin: .1rem 0 .3rem; font-size: 2.1rem; line-height: 1.2; letter-spacing: -.02em; font-weight: 650; overflow-wrap: anywhere; }
.state { display: inline-block; vertical-align: .28em; margin-left: .35rem; padding: .15rem .6rem; border-radius: 1rem; border: 1px solid currentColor; font-size: .82rem; line-height: 1.3; font-weight: 600; letter-spacing: 0; white-space: nowrap; }
.state.done { color: var(--good); } .state.failed { color: var(--bad); } .state.running { color: var(--accent); } .state.cancelled, .state.interrupted { color: var(--warn); }
.lead { margin: 0; color: var(--quiet); font-size: 1.02rem; }

nav ol { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: 0; padding: .6rem 0; list-style: none; border-block: 1px solid var(--line); }
nav a { color: var(--quiet); text-decoration: none; font-size: .9rem; }
nav a:hover { color: var(--accent); text-decoration: underline; }

section { padding: 2.2rem 0 0; scroll-margin-top: .5rem; }
h2 { margin: 0 0 .9rem; font-size: 1.25rem; letter-spacing: -.01em; font-weight: 650; }
h3 { margin: 1.6rem 0 .5rem; font-size: .98rem; font-weight: 650; }
h4 { margin: 1rem 0 .3rem; font-size: .82rem; font-weight: 600; color: var(--quiet); }
h2 + h3, section > h3:first-of-type { margin-top: 0; }
p { margin: .5rem 0; max-width: 46rem; }
.quiet, .note, .none { color: var(--quiet); }
.note { font-size: .86rem; }
.warn { color: var(--warn); }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: 1px; margin: 0 0 1rem; background: var(--line); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.tile { padding: .85rem 1rem .9rem; background: var(--page); }
.tile dt { color: var(--quiet); font-size: .82rem; }
.tile dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-weight: 600; letter-spacing: -.01em; }
.tile small { display: block; font-size: .82rem; line-height: 1.4; letter-spacing: 0; }
.states { display: flex; gap: 2px; height: 8px; margin: 0 0 1.3rem; border-radius: 4px; overflow: hidden; }
.states i { min-width: 3px; }
i.done { background: var(--done); } i.cached { background: var(--cached); } i.failed { background: var(--failed); } i.running { background: var(--running); } i.pending { background: var(--pending); } i.cancelled { background: var(--cancelled); }

.facts { margin: 0 0 1rem; display: grid; gap: .3rem; }
.facts > div { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: 1rem; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts dd p { margin: 0; }
.tag { display: inline-block; padding: 0 .45rem; border-radius: 4px; background: var(--panel); font-size: .86rem; }

.scroll { overflow-x: auto; margin: 0 0 .6rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .38rem .9rem .38rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-weight: 500; font-size: .82rem; white-space: nowrap; border-bottom-color: var(--strong); vertical-align: bottom; }
tbody th { font-weight: 550; white-space: nowrap; }
th.n, td.n { text-align: right; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
th button { all: unset; cursor: pointer; border-radius: 2px; }
th button:hover { color: var(--text); }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
th button::after { content: "↕"; opacity: .35; margin-left: .3em; }
th[aria-sort=ascending] button::after { content: "↑"; opacity: 1; }
th[aria-sort=descending] button::after { content: "↓"; opacity: 1; }
.hash { font-size: .78rem; color: var(--quiet); }
td code.hash, .id { overflow-wrap: normal; white-space: nowrap; }
.args { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; min-width: 14rem; overflow: hidden; }
.value { white-space: pre-wrap; }
.gauge { display: inline-block; width: 3.6rem; height: 6px; margin-right: .55rem; border-radius: 3px; background: var(--line); vertical-align: .12em; overflow: hidden; }
.gauge i { display: block; height: 100%; background: var(--accent); border-radius: 3px; }
.gauge.bad i { background: var(--failed); }

.advice { margin: 0 0 1.2rem; padding: 0; list-style: none; }
.advice li { display: grid; grid-template-columns: 8.2rem minmax(0, 1fr); gap: .5rem; padding: .5rem .9rem; border-left: 3px solid var(--strong); background: var(--panel); margin-bottom: 2px; }
.advice li.risk { border-color: var(--failed); }
.advice code { font-weight: 600; }
.advice .kind { color: var(--quiet); font-size: .82rem; line-height: 1.85; }
.advice .risk .kind { color: var(--bad); }

.card { margin: 1rem 0; padding: .9rem 1.1rem 1rem; border: 1px solid var(--line); border-left: 3px solid var(--failed); border-radius: 6px; }
.card h3 { margin: 0 0 .6rem; overflow-wrap: anywhere; }
.card .facts { margin: 0; font-size: .92rem; }
.environment > h3 { margin-top: 0; }
.environment + .environment { margin-top: 2rem; }
.environment h3 { overflow-wrap: anywhere; }
.environment table { width: auto; min-width: min(100%, 26rem); }
.packages { max-width: none; line-height: 1.9; }
.error, .caution { padding: .5rem .9rem; border-left: 3px solid var(--failed); background: var(--tint); max-width: none; white-space: pre-wrap; }
.caution { border-color: var(--cancelled); background: var(--hint); }
pre { margin: 0; padding: .7rem .9rem; overflow-x: auto; background: var(--panel); border-radius: 6px; line-height: 1.5; font-size: .82rem; white-space: pre; overflow-wrap: normal; }

.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0 0 1rem; padding: 0; list-style: none; font-size: .86rem; }
.legend i { display: inline-block; width: .75rem; height: .75rem; margin-right: .4rem; border-radius: 2px; vertical-align: -.05em; }
.lane { margin: 0 0 1rem; }
.lane figcaption { margin-bottom: .3rem; font-size: .86rem; color: var(--quiet); }
.lane b { color: var(--text); font-weight: 600; }
.lane svg { display: block; width: 100%; background: var(--panel); }
rect.t0, path.t0 { fill: var(--t0); } rect.t1, path.t1 { fill: var(--t1); } rect.t2, path.t2 { fill: var(--t2); } rect.t3, path.t3 { fill: var(--t3); } rect.t4, path.t4 { fill: var(--t4); } rect.t5, path.t5 { fill: var(--t5); } rect.t6, path.t6 { fill: var(--t6); } rect.t7, path.t7 { fill: var(--t7); } rect.t8, path.t8 { fill: var(--t8); } rect.failed { fill: var(--failed); }
i.t0 { background: var(--t0); } i.t1 { background: var(--t1); } i.t2 { background: var(--t2); } i.t3 { background: var(--t3); } i.t4 { background: var(--t4); } i.t5 { background: var(--t5); } i.t6 { background: var(--t6); } i.t7 { background: var(--t7); } i.t8 { background: var(--t8); }
rect.mark { pointer-events: none; }
rect.over { fill: transparent; }
.lane rect:hover { stroke: var(--text); stroke-width: 1.5px; vector-effect: non-scaling-stroke; }
.lane rect.over:hover { stroke: none; fill: var(--text); fill-opacity: .12; }
.axis { position: relative; height: 1.4rem; border-top: 1px solid var(--strong); font-size: .78rem; color: var(--quiet); overflow: hidden; }
.axis span { position: absolute; padding-left: .25rem; border-left: 1px solid var(--strong); white-space: nowrap; }
.axis .last { padding: 0 .25rem 0 0; border-left: 0; border-right: 1px solid var(--strong); }
.tip { position: fixed; z-index: 4; max-width: 22rem; padding: .3rem .6rem; border-radius: 5px; background: var(--text); color: var(--page); font-size: .82rem; line-height: 1.4; pointer-events: none; }

.graph { margin-bottom: 1.2rem; max-height: 40rem; overflow: auto; border: 1px solid var(--line); border-radius: 6px; }
.graph > svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
details { margin: .4rem 0; }
summary { cursor: pointer; color: var(--accent); font-size: .9rem; padding: .2rem 0; width: fit-content; }
.methods { position: relative; padding: .8rem 1.1rem; border: 1px solid var(--line); border-radius: 6px; }
.methods p { max-width: none; }
.methods h3 { margin-top: 1rem; }
.methods ol { margin: 0; padding-left: 1.4rem; font-size: .9rem; }
.copy { float: right; margin: 0 0 .4rem .8rem; padding: .25rem .7rem; border: 1px solid var(--strong); border-radius: 5px; background: var(--page); color: var(--text); font: inherit; font-size: .82rem; cursor: pointer; }
.copy:hover { border-color: var(--accent); color: var(--accent); }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .82rem; }

@media (max-width: 40rem) {
  body { padding: 0 1rem 3rem; font-size: 14.5px; }
  .top { padding-top: 1.6rem; }
  h1 { font-size: 1.6rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tile { padding: .6rem .8rem; }
  .tile dd { font-size: 1.2rem; }
  .facts { gap: .55rem; }
  .facts > div { grid-template-columns: 1fr; gap: 0; }
  .args { min-width: 16rem; }
  .advice li { grid-template-columns: 1fr; gap: 0; }
  tbody th { position: sticky; left: 0; min-width: 9rem; background: var(--page); white-space: normal; overflow-wrap: anywhere; }
  td { min-width: 3rem; }
  td:last-child:not(.n) { min-width: 15rem; }
  .axis span:nth-child(even) { display: none; }
}
@media print {
  body { font-size: 10pt; padding: 0; }
  nav, .copy, .tip, .skip { display: none; }
  section { padding-top: 1.2rem; }
  .top { padding-top: 0; }
  .scroll { overflow: visible; }
  .graph { max-height: none; border: 0; }
  .graph > svg { min-width: 0 !important; max-height: 24cm; }
  table { font-size: 8pt; }
  td code.hash, tbody th, th.n, td.n { white-space: normal; overflow-wrap: anywhere; }
  h2, h3 { break-after: avoid; }
  tr, .card, .tile, .lane, .advice li { break-inside: avoid; }
  .args { display: inline; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`;
