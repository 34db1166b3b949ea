import { basename } from "node:path";
import { type ImportDeclaration, type ModuleExportName, type Node, parseSync } from "oxc-parser";
import { hashText, LigaseError } from "../../kernel/index.ts";
import { codeFrame, positionAt, sourceError } from "../syntax/position.ts";
import { analyseScopes, patternNames, type Scopes } from "../syntax/scopes.ts";
import { readInline } from "./inline.ts";
import type { Export, Import, Request, SourceModule } from "./module.ts";

const FATAL: ReadonlySet<string> = new Set(["Error"]);

/**
 * Reads a module: its tree, scopes, imports and exports.
 *
 * @throws LIGASE_E_SYNTAX where the parser stops; LIGASE_E_UNSUPPORTED_SYNTAX for JSX and the like
 */
export function parseModule(path: string, id: string, source: string): SourceModule {
  // `.js` is read as TypeScript too: it is a superset, and one table serves both.
  const lang = /\.(tsx|jsx)$/.test(path) ? "tsx" : "ts";
  const parsed = parseSync(basename(path), source, { lang, sourceType: "module", preserveParens: false });
  const error = parsed.errors.find((one) => FATAL.has(one.severity));
  if (error) throw syntaxError(id, source, error.message, error.labels[0]?.start ?? 0, error.helpMessage);
  const program = parsed.program;
  const scopes = analyseScopes(program);
  return {
    path,
    id,
    source,
    hash: hashText(source),
    program,
    comments: parsed.comments,
    scopes,
    ...readTables(program.body, scopes, { id, source }),
    targets: new Map(),
  };
}

function syntaxError(id: string, source: string, message: string, offset: number, help: string | null): LigaseError {
  const position = positionAt(source, offset);
  return new LigaseError(
    "LIGASE_E_SYNTAX",
    `${id}:${position.line}:${position.column}: ${message}\n${codeFrame(source, position)}`,
    { mend: help ?? "correct the syntax", facts: { file: id, ...position } },
  );
}

function nameOf(name: ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}

type Tables = Pick<SourceModule, "requests" | "inline" | "imports" | "exports" | "stars">;

function readTables(body: readonly Node[], scopes: Scopes, at: { id: string; source: string }): Tables {
  const requests: Request[] = [];
  const imports = new Map<string, Import>();
  const exports = new Map<string, Export>();
  const stars: string[] = [];

  for (const statement of body) {
    switch (statement.type) {
      case "ImportDeclaration":
        readImport(statement, scopes, requests, imports);
        break;
      case "ExportAllDeclaration": {
        if (statement.exportKind === "type") break;
        const specifier = statement.source.value;
        requests.push({ specifier, node: statement.source, how: "reexport", locals: [], type: undefined });
        if (statement.exported) exports.set(nameOf(statement.exported), { specifier, name: "*", node: statement });
        else stars.push(specifier);
        break;
      }
      case "ExportNamedDeclaration": {
        if (statement.exportKind === "type") break;
        const specifiers = statement.specifiers.filter((one) => one.exportKind !== "type");
        if (statement.source) {
          const specifier = statement.source.value;
          if (specifiers.length === 0 && statement.specifiers.length > 0) break;
          requests.push({ specifier, node: statement.source, how: "reexport", locals: [], type: undefined });
          for (const one of specifiers) {
            exports.set(nameOf(one.exported), { specifier, name: nameOf(one.local), node: one });
          }
        } else {
          for (const one of specifiers) exports.set(nameOf(one.exported), { local: nameOf(one.local) });
          for (const name of declaredNames(statement.declaration)) exports.set(name, { local: name });
        }
        break;
      }
      case "ExportDefaultDeclaration": {
        const declared = statement.declaration;
        const id = "id" in declared && declared.id?.type === "Identifier" ? declared.id.name : undefined;
        const named = declared.type === "FunctionDeclaration" || declared.type === "ClassDeclaration";
        if (declared.type === "Identifier") exports.set("default", { local: declared.name });
        else if (declared.type !== "TSInterfaceDeclaration") {
          exports.set("default", { local: named && id !== undefined ? id : "default" });
        }
        break;
      }
      case "TSExportAssignment":
      case "TSImportEqualsDeclaration":
        if (statement.type === "TSImportEqualsDeclaration" && statement.importKind === "type") break;
        throw sourceError(
          "LIGASE_E_UNSUPPORTED_SYNTAX",
          "`import x = …` and `export = …` are not supported",
          at,
          statement.start,
          {
            mend: 'write `import x from "…"` and `export default x`',
          },
        );
      default:
        break;
    }
  }
  const inline = readInline(body, scopes, at);
  return { requests: [...requests, ...inline.values()], inline, imports, exports, stars };
}

function readImport(
  statement: ImportDeclaration,
  scopes: Scopes,
  requests: Request[],
  imports: Map<string, Import>,
): void {
  if (statement.importKind === "type") return;
  const specifier = statement.source.value;
  const locals: string[] = [];
  const attribute = statement.attributes.find(
    (one) => (one.key.type === "Literal" ? one.key.value : one.key.name) === "type",
  );
  const type = attribute?.value.value;
  for (const one of statement.specifiers) {
    if (one.type === "ImportSpecifier" && one.importKind === "type") continue;
    const name =
      one.type === "ImportSpecifier" ? nameOf(one.imported) : one.type === "ImportDefaultSpecifier" ? "default" : "*";
    imports.set(one.local.name, { specifier, name, node: one, type });
    // As TypeScript does: what is only used as a type is not imported.
    if ((scopes.module.bindings.get(one.local.name)?.references ?? 0) > 0) locals.push(one.local.name);
  }
  if (statement.specifiers.length > 0 && locals.length === 0) return;
  requests.push({
    specifier,
    node: statement.source,
    how: statement.specifiers.length === 0 ? "effect" : "names",
    locals,
    type,
  });
}

/** The names that an exported declaration binds. */
export function declaredNames(declaration: Node | null): string[] {
  switch (declaration?.type) {
    case "VariableDeclaration":
      if (declaration.declare) return [];
      return declaration.declarations.flatMap((one) => patternNames(one.id).map((found) => found.name));
    case "FunctionDeclaration":
    case "ClassDeclaration":
    case "TSEnumDeclaration":
      return declaration.id && declaration.declare !== true ? [declaration.id.name] : [];
    case "TSModuleDeclaration":
      return declaration.id.type === "Identifier" && !declaration.declare ? [declaration.id.name] : [];
    default:
      return [];
  }
}
