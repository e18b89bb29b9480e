import { isJsonObject, type Json } from '../core/json.ts';
import type { HostLoss } from './host-process.ts';
import type { Redact } from './redact.ts';
import type { SandboxLimits, ScriptEntry, ScriptOutcome } from './sandbox.ts';

/*
 * What a host says about the end of a run, made into an outcome. Nothing in it is trusted: the host may have been taken
 * over by the script.
 */

const maxMessageLength = 2000;
const maxStackLength = 4000;
const maxNameLength = 100;
const scriptKinds = ['syntax', 'runtime', 'callback', 'contract', 'limit'] as const;
const plainKinds = ['timeout', 'memory'] as const;

export type OutcomeReading = {
  readonly filename: string;
  readonly entry: ScriptEntry;
  readonly redact: Redact;
  readonly limits: SandboxLimits;
};

export function readOutcome(head: string, body: Buffer, reading: OutcomeReading): ScriptOutcome {
  const told = parse(head);
  if (!isJsonObject(told)) return broken;
  if (told['kind'] === 'value') return readValue(body, reading);
  const text = (name: string): string => (typeof told[name] === 'string' ? told[name] : '');
  const message = reading.redact(text('message')).slice(0, maxMessageLength);
  const plain = plainKinds.find((kind) => kind === told['kind']);
  if (plain !== undefined) return { ok: false, kind: plain, message };
  const kind = scriptKinds.find((known) => known === told['kind']);
  if (kind === undefined) return broken;
  if (kind === 'syntax') {
    return {
      ok: false,
      kind,
      message: `SyntaxError: ${message}`.replace(/^SyntaxError: SyntaxError/, 'SyntaxError'),
      ...place(told['line'], told['column']),
    };
  }
  const stack = reading.redact(keepScriptFrames(text('stack'), reading.filename)).slice(0, maxStackLength);
  const named = kind === 'runtime' && text('name') !== '' ? `${reading.redact(text('name'))}: ${message}` : message;
  const name = reading.redact(text('name')).slice(0, maxNameLength);
  const isThrown = (kind === 'callback' || kind === 'runtime') && name !== '';
  return {
    ok: false,
    kind,
    message: named,
    ...(isThrown ? { name } : {}),
    ...(stack === '' ? {} : { stack }),
    ...findPlace(stack, reading.filename),
  };
}

/** A host that is gone takes its runs with it; the reason is the broker's own knowledge. */
export function outcomeOfLoss(loss: HostLoss, isComputing: boolean, limits: SandboxLimits): ScriptOutcome {
  const memory = {
    ok: false,
    kind: 'memory',
    message: `The script used more than ${limits.memoryMb} MB of memory.`,
  } as const;
  switch (loss) {
    case 'deadline':
      return { ok: false, kind: 'timeout', message: `The script took longer than ${limits.wallMs} ms.` };
    case 'fatal':
      return memory;
    case 'memory':
      // Runs that only wait for an answer did not fill the memory.
      return isComputing ? memory : crashed;
    case 'crash':
      return crashed;
  }
}

const crashed = { ok: false, kind: 'crash', message: 'The script host ended while the script was running.' } as const;
const broken = { ok: false, kind: 'crash', message: 'The script host gave an answer that cannot be read.' } as const;

function readValue(body: Buffer, { entry, limits }: OutcomeReading): ScriptOutcome {
  if (body.length > limits.maxOutputBytes) {
    const message = `The script ended with more than ${limits.maxOutputBytes} bytes.`;
    return { ok: false, kind: 'limit', message };
  }
  const value = parse(body.toString('utf8'));
  if (value === undefined) return broken;
  if (mayBeAnything(entry) || isJsonObject(value)) return { ok: true, value };
  const what = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return { ok: false, kind: 'contract', message: `The script called back with ${what}, not with an object.` };
}

const mayBeAnything = (entry: ScriptEntry): boolean =>
  entry.kind === 'return' || (entry.kind === 'callback' && entry.gives === 'json');

/** An own key `__proto__` is harmless until somebody copies the object; so it goes. */
function parse(text: string): Json | undefined {
  try {
    if (!text.includes('__proto__') && !text.includes('\\u')) return JSON.parse(text);
    return JSON.parse(text, (key, value) => (key === '__proto__' ? undefined : value));
  } catch {
    return undefined;
  }
}

/** The message's lines, and of the frames only the script's: ours would tell nothing about it. */
function keepScriptFrames(stack: string, filename: string): string {
  const isFrame = (line: string): boolean => /^\s+at /.test(line);
  return stack
    .split('\n')
    .filter((line) => !isFrame(line) || line.includes(`${filename}:`))
    .join('\n');
}

function findPlace(stack: string, filename: string): { line?: number; column?: number } {
  const at = stack.indexOf(`${filename}:`);
  const numbers = at === -1 ? null : /^(\d+):(\d+)/.exec(stack.slice(at + filename.length + 1));
  return numbers === null ? {} : place(Number(numbers[1]), Number(numbers[2]));
}

function place(line: unknown, column: unknown): { line?: number; column?: number } {
  return typeof line === 'number' && typeof column === 'number' ? { line, column } : {};
}
