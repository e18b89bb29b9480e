import { SourceMap } from 'node:module';
import { isJsonObject } from '../core/json.ts';
import type { ScriptOutcome } from './sandbox.ts';

/*
 * A compiled script carries what it was made from: behind its last line stands a source map with the original text, as
 * compilers write it. One text is saved, exported and recorded, and hosts never get the map.
 */

const mark = '\n//# sourceMappingURL=data:application/json;base64,';
const maxMapLength = 1_000_000;

export type Compiled = {
  readonly code: string;
  /** What the compiler wrote. */
  readonly map: string;
  /** Of the code, that the map does not know of. */
  readonly linesBefore?: number;
  readonly original: string;
  /** It was compiled behind a parenthesis: columns of its first line are one too far. */
  readonly isInParentheses: boolean;
};

export function attachMap({ code, map, linesBefore = 0, original, isInParentheses }: Compiled): string {
  const { mappings, ...rest } = JSON.parse(map);
  const own = {
    ...rest,
    mappings: ';'.repeat(linesBefore) + mappings,
    sourcesContent: [original],
    x_parentheses: isInParentheses,
  };
  return `${code.trimEnd()}${mark}${Buffer.from(JSON.stringify(own)).toString('base64')}`;
}

/** Where the map begins; undefined: there is none, or something follows it that is not part of one. */
function findMap(source: string): number | undefined {
  const at = source.lastIndexOf(mark);
  return at !== -1 && /^[\w+/=]*\s*$/.test(source.slice(at + mark.length)) ? at : undefined;
}

/** What a host runs. */
export const codeOf = (source: string): string => source.slice(0, findMap(source));

/** What the script's file would be called: a compiled one is named for its original. */
export const endingOf = (source: string): '.js' | '.ts' => (findMap(source) === undefined ? '.js' : '.ts');

/** What a person wrote: the text behind a compiled script, any other script as it is. */
export function originalOf(source: string): string {
  const [text] = toList(readMap(source)?.['sourcesContent']);
  return typeof text === 'string' ? text : source;
}

/** The outcome of a compiled script with lines and columns of the original. */
export function withOriginalPlaces(
  outcome: ScriptOutcome,
  { source, filename }: { readonly source: string; readonly filename: string },
): ScriptOutcome {
  if (outcome.ok || !('line' in outcome || 'stack' in outcome)) return outcome;
  const map = readMap(source);
  if (map === undefined) return outcome;
  const find = createFind(map);
  const { line, column, stack } = outcome;
  return {
    ...outcome,
    ...(stack === undefined ? {} : { stack: mapStack(stack, filename, find) }),
    ...(line === undefined || column === undefined ? {} : find({ line, column })),
  };
}

type Place = { readonly line: number; readonly column: number };

function createFind(map: object): (place: Place) => Place {
  const lines = new SourceMap(map as ConstructorParameters<typeof SourceMap>[0]);
  const isInParentheses = 'x_parentheses' in map && map.x_parentheses === true;
  return (place) => {
    const entry = lines.findEntry(place.line - 1, place.column - 1);
    // Code that the compiler added has no original.
    if (!('originalLine' in entry) || entry.originalLine === undefined) return place;
    const { originalLine, originalColumn } = entry;
    return { line: originalLine + 1, column: originalColumn + (isInParentheses && originalLine === 0 ? 0 : 1) };
  };
}

const mapStack = (stack: string, filename: string, find: (place: Place) => Place): string =>
  stack
    .split(`${filename}:`)
    .map((part, index) =>
      index === 0
        ? part
        : part.replace(/^(\d+):(\d+)/, (_, line: string, column: string) => {
            const found = find({ line: Number(line), column: Number(column) });
            return `${found.line}:${found.column}`;
          }),
    )
    .join(`${filename}:`);

/** undefined: there is none, or it cannot be read; scripts that other compilers made may carry theirs. */
function readMap(source: string) {
  const at = findMap(source);
  if (at === undefined || source.length - at > maxMapLength) return undefined;
  try {
    const map: unknown = JSON.parse(Buffer.from(source.slice(at + mark.length), 'base64').toString('utf8'));
    return isJsonObject(map) && typeof map['mappings'] === 'string' && Array.isArray(map['sources']) ? map : undefined;
  } catch {
    return undefined;
  }
}

const toList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
