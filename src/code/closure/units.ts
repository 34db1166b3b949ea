import type { Node } from "oxc-parser";
import type { SourceModule } from "../modules/module.ts";
import { isFunction, patternNames } from "../syntax/scopes.ts";
import { isErased, unwrap } from "../syntax/shapes.ts";
import { walk } from "../syntax/walk.ts";

/** A piece of a module that is hashed by itself: a top-level declaration, a statement, a task's body. */
export interface Unit {
  readonly module: SourceModule;
  /** `trimAdapters`; for a statement its first words. Unique in the module. */
  readonly name: string;
  /** Its parts: more than one where declarations of one name merge (enums, namespaces). */
  readonly nodes: readonly Node[];
  readonly kind: "function" | "value" | "primitive" | "statement" | "body";
}

/** The units of a module. */
export interface Units {
  readonly all: readonly Unit[];
  readonly byBinding: ReadonlyMap<string, Unit>;
}

/** Cuts a module into units. */
export function splitUnits(module: SourceModule): Units {
  const all: Unit[] = [];
  const byBinding = new Map<string, Unit>();
  const taken = new Set<string>();
  const add = (names: readonly string[], label: string, node: Node, kind: Unit["kind"]) => {
    const merged = names.length === 1 ? byBinding.get(names[0]!) : undefined;
    if (merged) {
      const unit: Unit = { ...merged, nodes: [...merged.nodes, node] };
      all[all.indexOf(merged)] = unit;
      byBinding.set(names[0]!, unit);
      return;
    }
    let name = label;
    for (let n = 2; taken.has(name); n++) name = `${label} (${n})`;
    taken.add(name);
    const unit: Unit = { module, name, nodes: [node], kind };
    all.push(unit);
    for (const bound of names) byBinding.set(bound, unit);
  };

  for (const statement of module.program.body) {
    const node = unexport(statement);
    if (node === undefined || isErased(node)) continue;
    switch (node.type) {
      case "VariableDeclaration":
        for (const declarator of node.declarations) {
          const names = patternNames(declarator.id).map((one) => one.name);
          add(names, names.join(", ") || excerpt(module, declarator), declarator, kindOf(declarator.init));
        }
        break;
      case "FunctionDeclaration":
      case "ClassDeclaration": {
        const name = node.id?.name ?? "default";
        add([name], name, node, node.type === "FunctionDeclaration" ? "function" : "value");
        break;
      }
      case "TSEnumDeclaration":
        add([node.id.name], node.id.name, node, "value");
        break;
      case "TSModuleDeclaration":
        if (node.id.type === "Identifier") add([node.id.name], node.id.name, node, "value");
        break;
      default:
        if (statement.type === "ExportDefaultDeclaration") add(["default"], "default", node, kindOf(node));
        else if (!isDirective(node)) add(hoistedNames(node), excerpt(module, node), node, "statement");
    }
  }
  return { all, byBinding };
}

/** What an export statement declares, or the statement itself; nothing for lists of names. */
function unexport(statement: Node): Node | undefined {
  if (statement.type === "ExportNamedDeclaration") return statement.declaration ?? undefined;
  if (statement.type === "ExportDefaultDeclaration") {
    const declared = unwrap(statement.declaration);
    return declared.type === "Identifier" ? undefined : declared;
  }
  return statement;
}

function isDirective(node: Node): boolean {
  return node.type === "ExpressionStatement" && typeof node.directive === "string";
}

function kindOf(init: Node | null): Unit["kind"] {
  if (init === null) return "value";
  const value = unwrap(init);
  if (isFunction(value)) return "function";
  if (value.type === "Literal" && !("regex" in value)) return "primitive";
  if (value.type === "TemplateLiteral") return "primitive";
  if (value.type === "UnaryExpression" && kindOf(value.argument) === "primitive") return "primitive";
  return "value";
}

/** The names that `var` inside a statement binds at the top level. */
function hoistedNames(statement: Node): string[] {
  const names: string[] = [];
  walk(statement, {
    enter(node) {
      if (isFunction(node)) return false;
      if (node.type === "VariableDeclaration" && node.kind === "var") {
        for (const one of node.declarations) names.push(...patternNames(one.id).map((found) => found.name));
      }
      return undefined;
    },
  });
  return names;
}

/** The first words of a statement, to know it by. */
function excerpt(module: SourceModule, node: Node): string {
  const text = module.source.slice(node.start, Math.min(node.end, node.start + 200)).replace(/\s+/g, " ");
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}
