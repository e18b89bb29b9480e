import type { JsonObject } from '../core/json.ts';
import type { LogEvent } from '../core/log-event.ts';
import type { TraceLine } from '../core/trace.ts';
import type { OpenAttempt } from './open-archive.ts';
import { printRun } from './print-run.ts';

/** The whole story of one attempt, for people. */
export function printAttempt(attempt: OpenAttempt): string {
  const { traceId, at, isFailed, failure = {}, steps, runs } = attempt;
  const facts = {
    client: attempt.clientId,
    connection: attempt.connectionId,
    user: attempt.userId,
    ...failure,
  };
  return [
    `Attempt ${traceId}: ${isFailed ? 'failed' : 'succeeded'}, ${at.toISOString()}`,
    ...printFacts(facts),
    ...printSteps(steps),
    ...runs.flatMap((run, index) => ['', `${index + 1}. ${printRun(run)}`]),
  ].join('\n');
}

/** One line each, for the list. */
export const printSummary = ({ traceId, at, isFailed, connectionId, failure = {}, runs }: OpenAttempt): string =>
  [
    at.toISOString(),
    isFailed ? 'failed   ' : 'succeeded',
    traceId,
    connectionId ?? '-',
    isFailed
      ? `${failure['reason'] ?? failure['error'] ?? ''} ${failure['description'] ?? ''}`
      : `scripts: ${runs.length}`,
  ].join('  ');

/** An attempt that left events only: it succeeded without a script, or its time has passed. */
export const printEvents = (traceId: string, events: readonly LogEvent[]): string =>
  [
    `Attempt ${traceId}: only its log events are kept`,
    ...events.flatMap(({ type, at, clientId, connectionId, userId, description, details }) => {
      const { steps, ...rest } = details;
      const facts = { client: clientId, connection: connectionId, user: userId, description, ...rest };
      return [`Event ${type}, ${at.toISOString()}`, ...printFacts(facts), ...printSteps(toSteps(steps))];
    }),
  ].join('\n');

// Events keep the lines of the trace as they are.
const toSteps = (steps: unknown): readonly TraceLine[] => (Array.isArray(steps) ? (steps as TraceLine[]) : []);

const printFacts = (facts: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name.padEnd(12)} ${String(value).replaceAll('\n', `\n${' '.repeat(15)}`)}`);

function printSteps(steps: readonly TraceLine[]): string[] {
  if (steps.length === 0) return [];
  const width = Math.max(...steps.map(({ step }) => step.length));
  const lines = steps.map(({ step, atMs, fields }) =>
    `  ${`+${atMs} ms`.padStart(10)}  ${step.padEnd(width)}  ${printFields(fields)}`.trimEnd(),
  );
  return ['Steps', ...lines];
}

const printFields = (fields: JsonObject): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
