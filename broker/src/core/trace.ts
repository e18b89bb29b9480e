import type { TraceId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** The record of one attempt, written as it goes. Fields are redacted by the one who records. */
export type Trace = {
  readonly id: TraceId;
  record(step: string, fields?: JsonObject): void;
  /** Keeps a whole run of a script, a RecordedRun of sandbox/. Absent: nobody reads it. */
  readonly keepRun?: (run: object) => void;
};

export type TraceLine = { readonly step: string; readonly atMs: number; readonly fields: JsonObject };

/** A trace that keeps what it is told, and goes on where an earlier one of the same attempt has stopped. */
export type KeptTrace = Trace & {
  readonly lines: TraceLine[];
  readonly runs: object[];
  /** What happened before the browser left. */
  resume(before: { readonly lines: readonly TraceLine[]; readonly runs: readonly object[] }): void;
  isResumed(): boolean;
};

/** A trace that keeps its lines; `startedAt` in milliseconds, lines carry the time since. */
export function createTrace(id: TraceId, nowMs: () => number): KeptTrace {
  const startedAt = nowMs();
  const lines: TraceLine[] = [];
  const runs: object[] = [];
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
      runs.unshift(...before.runs);
      record('browser.returned');
    },
    isResumed: () => isResumed,
  };
}
