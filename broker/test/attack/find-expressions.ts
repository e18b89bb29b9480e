import { parseAst } from 'vitest/node';

export type Found = {
  readonly path: string;
  readonly source: string;
  readonly flags: string;
  /** Made by `new RegExp` out of constants of its file. */
  readonly isComposed?: boolean;
};

type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** Every regular expression of a source file that can be known without running it. */
export function findExpressions({ path, text }: { readonly path: string; readonly text: string }): Found[] {
  const nodes = [...nodesOf(parseAst(text, { lang: languageOf(path) }, path))];
  const constants = new Map<unknown, string>();
  for (const { type, id, init } of nodes) {
    const value = type === 'VariableDeclarator' ? textOf(init, constants) : undefined;
    if (value !== undefined && isNode(id)) constants.set(id.name, value);
  }
  return nodes.flatMap((node) => {
    const literal = node.regex as { readonly pattern: string; readonly flags: string } | undefined;
    if (literal !== undefined) return [{ path, source: literal.pattern, flags: literal.flags }];
    const composed = isRegExpCall(node) ? composedOf(node, constants) : undefined;
    return composed === undefined ? [] : [{ path, ...composed, isComposed: true }];
  });
}

const languageOf = (path: string) => (path.endsWith('.tsx') ? 'tsx' : path.endsWith('.ts') ? 'ts' : 'js');

function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) yield value;
  for (const member of Object.values(value)) yield* nodesOf(member);
}

const isRegExpCall = ({ type, callee }: Node): boolean =>
  (type === 'NewExpression' || type === 'CallExpression') && isNode(callee) && callee.name === 'RegExp';

function composedOf(node: Node, constants: ReadonlyMap<unknown, string>) {
  const [source, flags] = (node.arguments as readonly unknown[]).map((argument) => textOf(argument, constants));
  return source === undefined ? undefined : { source, flags: flags ?? '' };
}

/** Texts, and templates of names that stand for texts. */
function textOf(node: unknown, constants: ReadonlyMap<unknown, string>): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type !== 'TemplateLiteral') return undefined;
  const values = (node.expressions as readonly Node[]).map(({ name }) => constants.get(name));
  if (values.includes(undefined)) return undefined;
  const between = (node.quasis as readonly { readonly value: { readonly cooked: string } }[]).map(
    ({ value }) => value.cooked,
  );
  return between.map((part, index) => part + (values[index] ?? '')).join('');
}
