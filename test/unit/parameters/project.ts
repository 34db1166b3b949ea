import { type Node, parseSync, type Statement } from "oxc-parser";
import type { Parameter } from "../../../src/expr/definition.ts";
import {
  type ImportedType,
  readParameters,
  type ResolvedType,
  type TypeScope,
} from "../../../src/code/parameters/index.ts";

type Fn = Parameters<typeof readParameters>[0]["fn"];

/** A project of a few modules, just rich enough to resolve types in: `./lib` is `lib.ts`. */
export function project(
  modules: Record<string, string>,
): (file: string) => TypeScope & { readonly body: readonly Statement[] } {
  const scopes = new Map<string, TypeScope & { readonly body: readonly Statement[] }>();
  const load = (file: string): TypeScope & { readonly body: readonly Statement[] } => {
    const known = scopes.get(file);
    if (known) return known;
    const source = modules[file]!;
    const { program, comments, errors } = parseSync(file, source, { lang: "ts" });
    if (errors.length > 0) throw new Error(errors[0]!.message);
    const bare = program.body.map((s) => (s.type === "ExportNamedDeclaration" && s.declaration ? s.declaration : s));
    const named = (name: string): Node | undefined =>
      bare.find((s) => "id" in s && s.id !== null && s.id.type === "Identifier" && s.id.name === name);
    const imported = (name: string): { from: string; name: string } | undefined => {
      for (const statement of program.body) {
        if (statement.type !== "ImportDeclaration") continue;
        for (const s of statement.specifiers) {
          if (s.type !== "ImportSpecifier" || s.local.name !== name) continue;
          return {
            from: statement.source.value,
            name: s.imported.type === "Identifier" ? s.imported.name : s.imported.value,
          };
        }
      }
      return undefined;
    };
    const scope = {
      source,
      comments,
      file,
      body: program.body,
      resolveType(name: string): ResolvedType | ImportedType | undefined {
        const node = named(name);
        if (node) return { node, scope };
        const from = imported(name);
        if (!from) return undefined;
        return from.from.startsWith("./")
          ? load(`${from.from.slice(2)}.ts`).resolveType(from.name)
          : { imported: from.name };
      },
      resolveValue(name: string): ReturnType<NonNullable<TypeScope["resolveValue"]>> {
        for (const statement of bare) {
          if (statement.type !== "VariableDeclaration") continue;
          for (const { id, init } of statement.declarations) {
            if (id.type === "Identifier" && id.name === name && init) return { node: init, scope };
          }
        }
        const from = imported(name);
        return from?.from.startsWith("./") ? load(`${from.from.slice(2)}.ts`).resolveValue!(from.name) : undefined;
      },
    };
    scopes.set(file, scope);
    return scope;
  };
  return load;
}

/** Reads the parameters of the function that `main.ts` exports as default, with the doc comment before it. */
export function parametersOf(main: string, more: Record<string, string> = {}): Parameter[] {
  const scope = project({ ...more, "main.ts": main })("main.ts");
  const exported = scope.body.find((s) => s.type === "ExportDefaultDeclaration");
  if (!exported) throw new Error("no default export");
  const docComment = scope.comments.findLast((c) => c.value.startsWith("*") && c.end <= exported.start)?.value;
  return readParameters({ ...scope, fn: exported.declaration as Fn, docComment });
}

/** The type of the one parameter `x: T`, where `declarations` stand before. */
export function typeOf(text: string, declarations = "", more: Record<string, string> = {}): Parameter["type"] {
  return parametersOf(`${declarations}\nexport default (x: ${text}) => x;`, more)[0]!.type;
}
