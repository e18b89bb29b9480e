import type { TraceId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** The record of one attempt, written as it goes. Fields are redacted by the one who records. */
export type Trace = {
  readonly id: TraceId;
  record(step: string, fields?: JsonObject): void;
};

export type TraceLine = { readonly step: string; readonly atMs: number; readonly fields: JsonObject };

/** A trace that keeps its lines; `startedAt` in milliseconds, lines carry the time since. */
export function createTrace(id: TraceId, nowMs: () => number): Trace & { readonly lines: TraceLine[] } {
  const startedAt = nowMs();
  const lines: TraceLine[] = [];
  return {
    id,
    lines,
    record(step, fields = {}) {
      lines.push({ step, atMs: Math.round(nowMs() - startedAt), fields });
    },
  };
}
