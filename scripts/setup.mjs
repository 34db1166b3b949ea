// Makes a fresh clone ready, then hands over to a command:
//
//     node scripts/setup.mjs vitest run      installs and builds where needed, then runs vitest on Node 24
//     node scripts/setup.mjs --build         installs where needed, then builds and reports errors
//
// Every npm script starts with this, so each of them works in a fresh clone with nothing done before. It may be Node 20
// that runs it: `node_modules/.bin/node` is there only after the install.
import { build, built, give, hand, install, say } from "./lib.mjs";

const [first, ...rest] = process.argv.slice(2);
const node = install();
if (first === "--build") {
  const errors = build(node);
  if (errors !== "") {
    process.stderr.write(errors);
    give("the types do not check");
  }
} else {
  if (!built() && build(node) !== "") say("the types do not check (see npm run check); going on with what was built");
  if (first !== undefined) process.exitCode = await hand(node, [first, ...rest]);
}
