import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { TraceId } from '../core/ids.ts';
import { createSandbox } from '../sandbox/create-sandbox.ts';
import type { Sandbox, ScriptOutcome } from '../sandbox/sandbox.ts';
import { scriptLimits } from '../sandbox/script-limits.ts';
import { entryOf, type ScriptKind } from './entries.ts';
import { type ScenarioName, scenarioNames, scenarios } from './scenarios.ts';

/*
 * corpus/: tries every script of a folder in the real script host, in four scenarios.
 *
 * It makes no connection: what a script asks for is answered by the scenario.
 */

export type ScenarioResult = {
  /** `ok`, or the kind of the outcome: `callback`, `runtime`, `syntax`, `contract`, `timeout` and so on. */
  readonly outcome: string;
  readonly reason?: string;
  readonly ms: number;
  /** From what made it end, the last answer or the start, to the end. */
  readonly afterCauseMs: number;
};
export type FileResult = { readonly file: string } & Readonly<Record<ScenarioName, ScenarioResult>>;
export type CorpusResult = {
  readonly summary: {
    readonly total: number;
    readonly success: number;
    readonly failed: number;
    /** Scripts that in any scenario were ended by the limit of time. */
    readonly hangs: number;
  };
  readonly files: readonly FileResult[];
};

const wallMs = 10_000;
const parallel = 2;

export async function runCorpus(
  files: readonly string[],
  { kind, clock }: { readonly kind: ScriptKind; readonly clock: Clock },
): Promise<CorpusResult> {
  const results: Map<string, Partial<Record<ScenarioName, ScenarioResult>>> = new Map(files.map((file) => [file, {}]));
  for (const scenario of scenarioNames) {
    const sandbox = createSandbox({
      fetch: scenarios[scenario],
      clock,
      limits: { ...scriptLimits, hosts: 1, wallMs, ...(scenario === 'success' ? { answersEverything: true } : {}) },
    });
    try {
      await sandbox.ready();
      await inParallel(files, async (file) => {
        Object.assign(results.get(file) ?? {}, { [scenario]: await tryScript(sandbox, file, kind) });
      });
    } finally {
      await sandbox.close();
    }
  }
  return summarize([...results].map(([file, found]) => ({ file, ...found }) as FileResult));
}

async function inParallel(files: readonly string[], work: (file: string) => Promise<void>): Promise<void> {
  const waiting = files.values();
  const worker = async (): Promise<void> => {
    for (const file of waiting) await work(file);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

async function tryScript(sandbox: Sandbox, file: string, kind: ScriptKind): Promise<ScenarioResult> {
  const source = readFileSync(file, 'utf8');
  const { outcome, ms, msSinceGiven } = await sandbox.run({
    source,
    filename: basename(file),
    entry: entryOf(kind, source),
    secrets: [],
    trace: { id: 'corpus' as TraceId, record: () => undefined },
  });
  return { ...describe(outcome), ms, afterCauseMs: msSinceGiven };
}

function describe(outcome: ScriptOutcome): { readonly outcome: string; readonly reason?: string } {
  if (outcome.ok) return { outcome: 'ok' };
  const place = 'line' in outcome && outcome.line !== undefined ? ` (line ${outcome.line})` : '';
  return { outcome: outcome.kind, reason: `${outcome.message}${place}` };
}

function summarize(files: readonly FileResult[]): CorpusResult {
  const success = files.filter((file) => file.success.outcome === 'ok').length;
  const hangs = files.filter((file) => scenarioNames.some((name) => file[name].outcome === 'timeout')).length;
  return { summary: { total: files.length, success, failed: files.length - success, hangs }, files };
}
