import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const source = join(root, 'broker', 'src');
const outside = ['main.ts', 'server.ts', 'config.ts'];

type SourceFile = { readonly path: string; readonly room: string | undefined; readonly text: string };

/** What runs in production: tests, what only they use, and scripts that are their material stay out. */
function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|js)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](node_modules|dist|fixtures|testing)[\\/]/.test(path));
}

/** Comments go, strings stay: `'http://…'` is not a comment. */
const withoutComments = (text: string): string =>
  text.replace(/('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '$1');

/** The room of a file below broker/src; undefined for the files that stand outside the rooms. */
function roomOf(path: string): string | undefined {
  const [first, ...rest] = relative(source, path).split(sep);
  return rest.length === 0 ? undefined : first;
}

const files: SourceFile[] = listFiles(source).map((path) => ({
  path,
  room: roomOf(path),
  text: withoutComments(readFileSync(path, 'utf8')),
}));

/** Every module a file names, type imports and dynamic imports too; a table of words is no way out to the network. */
function importsOf(text: string): string[] {
  const forms = [
    /(?:^|[\n;])\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]/g,
    /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  const reaching = text.replace(/import \{ STATUS_CODES \} from 'node:http';/g, '');
  return forms.flatMap((form) => [...reaching.matchAll(form)].map((match) => match[1] ?? ''));
}

const relativeImports = (file: SourceFile): string[] =>
  importsOf(file.text)
    .filter((name) => name.startsWith('.'))
    .map((name) => resolve(dirname(file.path), name));

const packageImports = (file: SourceFile): string[] => importsOf(file.text).filter((name) => !name.startsWith('.'));

/** The rooms of ARCHITECTURE.md, in the order of its table. */
function readTable(): Map<string, string[]> {
  const lines = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split('\n');
  const start = lines.findIndex((line) => /^\|\s*room\s*\|\s*one sentence\s*\|\s*may import\s*\|/.test(line));
  const rows = new Map<string, string[]>();
  for (const line of start < 0 ? [] : lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    const [room = '', , allowed = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    rows.set(room.replace(/[`/]/g, ''), allowed === '-' ? [] : allowed.split(/[\s,`]+/).filter(Boolean));
  }
  return rows;
}

const table = readTable();
const short = (file: SourceFile): string => relative(root, file.path).split(sep).join('/');
const among = (name: string, packages: readonly string[]): boolean =>
  packages.some((entry) => name === entry || name.startsWith(`${entry}/`));

/** The files of `where` whose text matches, as a readable list. */
const offenders = (pattern: RegExp, isAllowed: (file: SourceFile) => boolean): string[] =>
  files.filter((file) => !isAllowed(file) && pattern.test(file.text)).map(short);

describe('rooms', () => {
  test('ARCHITECTURE.md has the table of rooms, and arrows point up in it', () => {
    expect([...table.keys()].slice(0, 2)).toEqual(['core', 'wire']);
    const order = [...table.keys()];
    for (const [room, allowed] of table) {
      for (const other of allowed) expect(order.slice(0, order.indexOf(room)), `${room} → ${other}`).toContain(other);
    }
  });

  test('the rooms of the table are the folders of broker/src, and nothing else stands there', () => {
    const rooms = new Set(files.flatMap((file) => file.room ?? []));
    expect([...rooms].sort()).toEqual([...table.keys()].sort());
    const loose = files.filter((file) => file.room === undefined).map((file) => basename(file.path));
    expect(loose.filter((name) => !outside.includes(name))).toEqual([]);
  });

  test.each([...table])('%s imports only the rooms its row allows', (room, allowed) => {
    const found = files
      .filter((file) => file.room === room)
      .flatMap((file) => relativeImports(file).map((target) => ({ file, target })))
      .filter(({ target }) => {
        const other = target.startsWith(source + sep) ? roomOf(target) : undefined;
        return other !== room && !(other !== undefined && allowed.includes(other));
      })
      .map(({ file, target }) => `${short(file)} → ${relative(root, target)}`);
    expect(found).toEqual([]);
  });

  test('no two files import each other in a ring across rooms', () => {
    const graph = new Map<string, Set<string>>();
    for (const file of files) {
      const others = relativeImports(file).map(roomOf);
      if (file.room === undefined) continue;
      const edges = graph.get(file.room) ?? new Set();
      for (const other of others) if (other !== undefined && other !== file.room) edges.add(other);
      graph.set(file.room, edges);
    }
    const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
      [...(graph.get(from) ?? [])].some((next) => {
        if (next === goal) return true;
        if (seen.has(next)) return false;
        seen.add(next);
        return reaches(next, goal, seen);
      });
    expect([...graph.keys()].filter((room) => reaches(room, room))).toEqual([]);
  });
});

describe('what a room may reach for', () => {
  test('core has no I/O and no dependency', () => {
    const found = files
      .filter((file) => file.room === 'core')
      .flatMap((file) => packageImports(file).map((name) => `${short(file)} → ${name}`));
    expect(found.filter((line) => !/→ node:(crypto|util|url|querystring)$/.test(line))).toEqual([]);
  });

  test.each([
    { packages: ['undici', 'node:http', 'node:https'], rooms: ['http'], why: 'outbound requests are guarded' },
    { packages: ['kysely', 'better-sqlite3', 'pg'], rooms: ['store'], why: 'SQL stays behind the repositories' },
    { packages: ['isolated-vm'], rooms: ['sandbox'], why: 'scripts run in the sandbox only' },
    {
      packages: ['node:child_process'],
      rooms: ['sandbox', 'modules'],
      why: 'hosts, and npm for modules, are programs',
    },
  ])('$packages are for $rooms: $why', ({ packages, rooms }) => {
    const found = files
      .filter((file) => !rooms.includes(file.room ?? ''))
      .flatMap((file) => packageImports(file).map((name) => ({ file, name })))
      .filter(({ name }) => among(name, packages));
    expect(found.map(({ file, name }) => `${short(file)} → ${name}`)).toEqual([]);
  });

  test('nobody calls the unguarded global fetch', () => {
    // A `fetch` that was passed in is bound by name: `{ fetch }`, `fetch: Fetch`.
    const isPassedIn = (file: SourceFile) => /[{,(]\s*(?:readonly\s+)?fetch\s*[,}:]/.test(file.text);
    expect(offenders(/(?:\b(?:await|return|void)\s+|=>?\s*|\(\s*)fetch\s*\(/, isPassedIn)).toEqual([]);
    expect(offenders(/globalThis\s*\.\s*fetch/, () => false)).toEqual([]);
  });

  test('the environment is read in config.ts and main.ts only', () => {
    const isEntrance = (file: SourceFile) => file.room === undefined && basename(file.path) !== 'server.ts';
    expect(offenders(/\bprocess\s*\.\s*env\b/, isEntrance)).toEqual([]);
  });

  test('time and randomness are passed in', () => {
    // guest/ is the world of a script: its clock is the isolate's own.
    const isSource = (file: SourceFile) =>
      /^broker\/src\/(core\/(clock|random)\.ts|main\.ts|sandbox\/guest\/)/.test(short(file));
    expect(offenders(/\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()|\bMath\.random\b/, isSource)).toEqual([]);
  });
});

describe('layout', () => {
  const everything = ['broker', 'demo', 'bench', 'scripts'].flatMap((name) => listFiles(join(root, name)));

  test('no folder is a drawer', () => {
    const drawers = /(^|\/)(utils?|helpers?|common|shared|lib|types)\//;
    expect(everything.map((path) => relative(root, path).split(sep).join('/')).filter((p) => drawers.test(p))).toEqual(
      [],
    );
  });

  test('no source file is longer than 300 lines', () => {
    const long = everything
      .map((path) => ({ path: relative(root, path), lines: readFileSync(path, 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });
});
