import { StringDecoder } from "node:string_decoder";

const BACKSPACE = new Set(["\b", "\x7f"]);

/**
 * Asks for a line that nobody is to see: what is typed or pasted is not shown.
 *
 * @returns nothing when it was broken off (Ctrl-C, or Ctrl-D on an empty line)
 */
export async function askHidden(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  const decoder = new StringDecoder("utf8");
  try {
    return await new Promise<string | undefined>((resolve) => {
      let line: string[] = [];
      const take = (chunk: Buffer): void => {
        // Some terminals put marks around what is pasted.
        // oxlint-disable-next-line no-control-regex -- they are control sequences
        for (const letter of decoder.write(chunk).replaceAll(/\x1b\[20[01]~/g, "")) {
          if (letter === "\r" || letter === "\n") return done(line.join(""));
          if (letter === "\x03" || (letter === "\x04" && line.length === 0)) return done(undefined);
          if (BACKSPACE.has(letter)) line.pop();
          else if (letter === "\x15") line = [];
          else if (letter >= " " || letter === "\t") line.push(letter);
        }
      };
      const ended = (): void => done(line.length > 0 ? line.join("") : undefined);
      const done = (answer: string | undefined): void => {
        stdin.off("data", take).off("end", ended);
        resolve(answer);
      };
      stdin.on("data", take).on("end", ended);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}
