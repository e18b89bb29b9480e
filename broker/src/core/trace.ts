import type { TraceId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** The record of one attempt, written as it goes. Fields are redacted by the one who records. */
export type Trace = {
  readonly id: TraceId;
  record(step: string, fields?: JsonObject): void;
  /** Keeps a whole run of a script. Absent: nobody reads it. */
  readonly keepRun?: (run: KeptRun) => void;
};

/** Makes the record of a run, a RecordedRun of sandbox/: most are never read, and telling them without secrets costs. */
export type KeptRun = () => object;

export type TraceLine = { readonly step: string; readonly atMs: number; readonly fields: JsonObject };

/** A trace that keeps what it is told, and goes on where an earlier one of the same attempt has stopped. */
export type KeptTrace = Trace & {
  readonly lines: TraceLine[];
  readonly runs: KeptRun[];
  /** What happened before the browser left. */
  resume(before: { readonly lines: readonly TraceLine[]; readonly runs: readonly object[] }): void;
  isResumed(): boolean;
};

/** A trace that keeps its lines; `startedAt` in milliseconds, lines carry the time since. */
export function createTrace(id: TraceId, nowMs: () => number): KeptTrace {
  const startedAt = nowMs();
  const lines: TraceLine[] = [];
  const runs: KeptRun[] = [];
  let isResumed = false;
  const record: Trace['record'] = (step, fields = {}) => {
    lines.push({ step, atMs: Math.round(nowMs() - startedAt), fields });
  };
  return {
    id,
    lines,
    runs,
    keepRun: (run) => void runs.push(run),
    record,
    resume(before) {
      isResumed = true;
      lines.unshift(...before.lines);
      runs.unshift(...before.runs.map((run) => () => run));
      record('browser.returned');
    },
    isResumed: () => isResumed,
  };
}
