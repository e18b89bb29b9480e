import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { compileTypescript } from '../sandbox/compile-typescript.ts';

export type ReadFile = (name: string) => { readonly text: string } | { readonly problem: string };
type Resolved = { readonly text: string; readonly problems: readonly string[] };

/**
 * The seed with its scripts in place: `{"file": "profile.ts"}` is read, and TypeScript is compiled. A connection keeps
 * the TypeScript beside what runs, as `scripts.<name>Typescript`; given there, it is compiled too.
 */
export function readSeedScripts(text: string, readFile: ReadFile): Resolved {
  let seed: unknown;
  try {
    seed = JSON.parse(text);
  } catch {
    // The one who parses the seed says so.
    return { text, problems: [] };
  }
  if (!isJsonObject(seed)) return { text, problems: [] };
  const problems: string[] = [];
  const read = { readFile, problems };
  const resolved = {
    ...seed,
    ...eachOf(seed, 'connections', (connection, place) => inConnection(connection, { ...read, place })),
    ...eachOf(seed, 'actions', (action, place) => withScript(action, 'code', { ...read, place })),
    ...eachOf(seed, 'rules', (rule, place) => withScript(rule, 'script', { ...read, place })),
  };
  return { text: JSON.stringify(resolved), problems };
}

type Reading = {
  readonly readFile: ReadFile;
  readonly problems: string[];
  readonly place: string;
  /** Whatever the file is called. */
  readonly isTypescript?: boolean;
};

function eachOf(seed: JsonObject, key: string, change: (entry: JsonObject, place: string) => JsonObject): JsonObject {
  const list = seed[key];
  if (!Array.isArray(list)) return {};
  const entries = list as readonly Json[];
  return { [key]: entries.map((entry, index) => (isJsonObject(entry) ? change(entry, `/${key}/${index}`) : entry)) };
}

function inConnection(connection: JsonObject, reading: Reading): JsonObject {
  const { options } = connection;
  if (!isJsonObject(options) || !isJsonObject(options['scripts'])) return connection;
  const scripts: Record<string, Json> = {};
  // What runs is made from the TypeScript, where both are there.
  const entries = Object.entries(options['scripts']);
  const inOrder = [
    ...entries.filter(([name]) => !isTypescriptName(name)),
    ...entries.filter(([name]) => isTypescriptName(name)),
  ];
  for (const [name, value] of inOrder) {
    const isTypescript = isTypescriptName(name);
    const plainName = isTypescript ? name.slice(0, -typescriptEnding.length) : name;
    const script = readOne(value, { ...reading, place: `${reading.place}/options/scripts/${name}`, isTypescript });
    if (script === undefined) continue;
    scripts[plainName] = script.code;
    if (script.typescript !== undefined) scripts[`${plainName}${typescriptEnding}`] = script.typescript;
  }
  return { ...connection, options: { ...options, scripts } };
}

const typescriptEnding = 'Typescript';

const isTypescriptName = (name: string): boolean => name.endsWith(typescriptEnding);

function withScript(entry: JsonObject, member: string, reading: Reading): JsonObject {
  const value = entry[member];
  if (!isJsonObject(value)) return entry;
  const script = readOne(value, { ...reading, place: `${reading.place}/${member}` });
  return { ...entry, [member]: script?.code ?? '' };
}

type ReadScript = { readonly code: Json; readonly typescript?: string };

/** A text stays as it is unless it is TypeScript; undefined: a problem was told. */
function readOne(value: Json, reading: Reading): ReadScript | undefined {
  const { readFile, problems, place, isTypescript = false } = reading;
  if (!isJsonObject(value) || typeof value['file'] !== 'string') {
    return isTypescript && typeof value === 'string' ? compile(value, reading, '') : { code: value };
  }
  const { file } = value;
  const found = readFile(file);
  if ('text' in found) {
    return isTypescript || file.endsWith('.ts') ? compile(found.text, reading, file) : { code: found.text };
  }
  problems.push(`seed file, ${place}: ${found.problem}`);
  return undefined;
}

function compile(typescript: string, { problems, place }: Reading, file: string): ReadScript | undefined {
  const compiled = compileTypescript(typescript);
  if ('code' in compiled) return { code: compiled.code, typescript };
  const { message, line } = compiled.error;
  problems.push(`seed file, ${place}: ${file}${line === undefined ? '' : `:${line}`} ${message}`);
  return undefined;
}
