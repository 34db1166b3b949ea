// A function in Python is a task of the type that is said of it.
import { type Expr, type File, map, python, type Task } from "ligase";
import { type Equal, is } from "./expect.ts";

const embed = python<(chunk: string, k?: number) => number[]>("./embed.py", "embed_chunk", { cpu: 2 });
is<Equal<typeof embed, Task<[chunk: string, k?: number], number[]>>>();
is<Equal<Awaited<ReturnType<typeof embed>>, number[]>>();
embed("ACGT");
embed("ACGT", 3);
// @ts-expect-error a chunk is text
embed(3);
// @ts-expect-error the first is not optional
embed();

const all = map(["ACGT"], (chunk) => embed(chunk, 3));
is<Equal<Awaited<typeof all>, number[][]>>();

const report = python<(rows: number[]) => { table: File }>("./report.py", "report");
is<Equal<ReturnType<typeof report>["table"], Expr<File>>>();

// Nothing said: anything goes in, nothing is known of what comes out.
const loose = python("./embed.py", "embed_chunk");
loose();
loose("ACGT", { k: [1] }, embed("ACGT"));
is<Equal<Awaited<ReturnType<typeof loose>>, unknown>>();

// Options are checked, a stub is typed as the function is.
python<(n: number) => number>("./a.py", "f", { stub: (n) => n + 1, retries: 2 });
// @ts-expect-error an unknown option
python("./a.py", "f", { memroy: "4 GiB" });
// @ts-expect-error the stub gives text
python<(n: number) => number>("./a.py", "f", { stub: () => "a" });
// @ts-expect-error no name
python("./a.py");
