import { isJsonObject, type Json } from '../core/json.ts';
import { type ModulePin, titleOf } from '../core/module.ts';
import { originalOf } from '../sandbox/compiled-script.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';
import type { RecordedBody, RecordedExchange, ScriptEffect, ScriptEntry, ScriptOutcome } from '../sandbox/sandbox.ts';

/** What is shown of one body; `--json` has all that was kept. */
const maxBodyLength = 2_000;
const linesAround = 2;
/** Of a script's line; a minified script is one. */
const maxLineLength = 200;
/** Of the connection, not of the answer; `--json` has them. */
const dullHeaders = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

/** A run for people to read: how it ended and where, what it printed, what it asked and got, what it used. */
export function printRun(
  run: Omit<RecordedRun, 'exchanges'> & { readonly exchanges: readonly RecordedExchange[] },
): string {
  const { filename, outcome, consoleLines, exchanges, ms, limits, modules, secretNames = [] } = run;
  return [
    `Script ${filename}: ${outcome.ok ? 'ended well' : `ended with ${outcome.kind}`}, ${ms} ms`,
    ...indent(outcome.ok ? printValue(run.entry, outcome.value) : printFailure(outcome, originalOf(run.source))),
    ...indent(printModules(Object.values(modules))),
    ...indent(secretNames.length === 0 ? [] : [`secrets ${secretNames.join(', ')} (values are not kept)`]),
    ...section(
      'Console',
      consoleLines.map(({ level, text }) => `${level.padEnd(5)} ${text}`),
    ),
    ...section('Requests', exchanges.flatMap(printExchange)),
    `  Used ${ms} of ${limits.wallMs} ms, ${exchanges.length} of ${limits.maxRequests} requests, ${consoleLines.length} of ${limits.maxConsoleLines} console lines; memory limit ${limits.memoryMb} MiB`,
  ].join('\n');
}

/** What an Action asked for is a call each, anything else one value. */
function printValue({ kind }: ScriptEntry, value: Json): string[] {
  const effects = kind === 'action' ? readEffects(value) : undefined;
  if (effects === undefined) return [cut(`value ${JSON.stringify(value)}`)];
  if (effects.length === 0) return ['asked for nothing'];
  const calls = effects.map(({ name, arguments: given }) => `api.${name}(${given.map(toText).join(', ')})`);
  return calls.map((call) => cut(`asked for ${call}`));
}

const toText = (value: unknown): string => JSON.stringify(value) ?? 'undefined';

/** An ActionRecord; fixtures made by hand may hold anything. */
const readEffects = (value: Json): readonly ScriptEffect[] | undefined =>
  isJsonObject(value) && Array.isArray(value['effects'])
    ? (value['effects'] as unknown[] as readonly ScriptEffect[])
    : undefined;

const cut = (text: string): string => (text.length > maxBodyLength ? `${text.slice(0, maxBodyLength)}…` : text);

/** A module may go by several names. */
function printModules(modules: readonly ModulePin[]): string[] {
  const titles = modules.map((module) => `${titleOf(module)} (sha256 ${module.hash.slice(0, 12)}…)`);
  return titles.length === 0 ? [] : [`modules ${[...new Set(titles)].join(', ')}`];
}

type Failure = Extract<ScriptOutcome, { ok: false }>;

function printFailure(outcome: Failure, source: string): string[] {
  const stack = 'stack' in outcome && outcome.stack !== undefined ? outcome.stack.split('\n') : [];
  const frames = stack.filter((line) => /^\s+at /.test(line));
  return [outcome.message, ...printPlace(outcome, source), ...frames];
}

/** The script's own lines around the place, with a mark under the column. */
function printPlace(outcome: Failure, source: string): string[] {
  if (!('line' in outcome) || outcome.line === undefined) return [];
  const { line, column } = outcome;
  const lines = source.split('\n');
  const first = Math.max(1, line - linesAround);
  const last = Math.min(lines.length, line + linesAround);
  const width = String(last).length;
  return lines.slice(first - 1, last).flatMap((text, index) => {
    const number = first + index;
    const isPlace = number === line;
    const shift = isPlace && column !== undefined ? Math.max(0, column - maxLineLength / 2) : 0;
    const gutter = `${number === line ? '>' : ' '} ${String(number).padStart(width)} | `;
    const marks = isPlace && column !== undefined ? [`${' '.repeat(gutter.length + column - 1 - shift)}^`] : [];
    return [`${gutter}${text.replaceAll('\t', ' ').slice(shift, shift + maxLineLength)}`, ...marks];
  });
}

function printExchange(
  exchange: RecordedExchange & { readonly responseBytes?: number; readonly ms?: number },
): string[] {
  const { method, url, status, error, request, response, responseBytes, ms } = exchange;
  const measured = ms === undefined ? '' : `, ${responseBytes ?? 0} bytes, ${ms} ms`;
  return [
    `${method} ${url} → ${status ?? error ?? 'no answer'}${measured}`,
    ...printHalf('>', request.headers, request.body),
    ...(response === undefined ? [] : printHalf('<', response.headers, response.body)),
  ];
}

function printHalf(
  mark: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body: RecordedBody,
): string[] {
  const { text, encoding, isCut } = body;
  const shown = text.slice(0, maxBodyLength);
  const note = isCut || shown.length < text.length ? [`${mark} … cut`] : [];
  const prefix = encoding === 'base64' ? ' base64 ' : ' ';
  return indent([
    ...Object.entries(headers)
      .filter(([name]) => !dullHeaders.has(name))
      .map(([name, value]) => `${mark} ${name}: ${value}`),
    ...(shown === '' ? [] : shown.split('\n').map((line) => `${mark}${prefix}${line}`)),
    ...note,
  ]);
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : indent([title, ...indent(lines)]);

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
