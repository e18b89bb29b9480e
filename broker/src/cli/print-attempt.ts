import type { AttemptKind, AttemptRoad } from '../core/attempt.ts';
import type { JsonObject } from '../core/json.ts';
import type { LogEvent } from '../core/log-event.ts';
import type { TraceLine } from '../core/trace.ts';
import type { OpenAttempt } from './open-archive.ts';
import { printRun } from './print-run.ts';

const titles: Readonly<Record<AttemptKind, string>> = {
  'sign-in': 'sign-in',
  refresh: 'refresh',
  'client-credentials': "client's token",
  'token-exchange': 'token exchange',
  logout: 'logout',
};

const elsewhere: Readonly<Partial<Record<AttemptRoad, string>>> = {
  'at-provider': 'went to the provider and is not back',
  'at-consent': 'shows what the application asks for, and nobody has decided',
  'sent-away': 'was sent away by a script and is not back',
};

/** The whole story of one attempt, for people. */
export function printAttempt(attempt: OpenAttempt): string {
  const { traceId, at, kind = 'sign-in', road, steps, runs } = attempt;
  const away = road === undefined ? undefined : elsewhere[road];
  const failed = runs.findIndex(({ outcome }) => !outcome.ok);
  return [
    `Attempt ${traceId}: ${printEnd(attempt)}, ${at.toISOString()}`,
    ...printFacts({
      what: titles[kind],
      client: attempt.clientId,
      connection: printConnection(attempt),
      user: attempt.userId,
      browser: away,
      ...factsOf(attempt),
    }),
    ...printSteps(steps),
    ...runs.flatMap((run, index) => ['', `${index + 1}. ${printRun(run)}`]),
    ...(failed === -1
      ? []
      : ['', `Try a fix: portico attempts replay ${traceId} --run ${failed + 1} --script ${endingIn(runs, failed)}`]),
  ].join('\n');
}

const endingIn = (runs: OpenAttempt['runs'], index: number): string =>
  runs[index]?.filename.endsWith('.ts') ? 'fixed.ts' : 'fixed.js';

const printEnd = ({ isFailed, road }: OpenAttempt): string => {
  if (isFailed) return 'failed';
  return road !== undefined && elsewhere[road] !== undefined ? 'under way' : 'succeeded';
};

const printConnection = ({ connectionId, connectionName }: OpenAttempt): string | undefined =>
  connectionName === undefined ? connectionId : `${connectionName} (${connectionId})`;

/** What is told below, with the script, is not told twice. */
function factsOf({ failure = {}, runs }: OpenAttempt): JsonObject {
  const { message, detail, ...rest } = failure;
  const isTold = runs.some(({ outcome }) => !outcome.ok && String(detail).startsWith(outcome.message));
  return {
    ...rest,
    ...(message === undefined || message === rest['description'] ? {} : { message }),
    ...(detail === undefined || isTold ? {} : { detail }),
  };
}

const maxSummaryLength = 100;

/** One line each, for the list: when, how it ended, its id, what it was, where, and why. */
export function printSummary(attempt: OpenAttempt): string {
  const { traceId, at, kind = 'sign-in', connectionId, connectionName, failure = {}, runs } = attempt;
  const { reason, error, description } = failure;
  const told = attempt.isFailed ? `${reason ?? error ?? ''}: ${description ?? ''}` : `scripts: ${runs.length}`;
  const line = told.replace(/\s+/g, ' ');
  return [
    at.toISOString(),
    printEnd(attempt).padEnd(9),
    traceId,
    titles[kind].padEnd(14),
    (connectionName ?? connectionId ?? attempt.clientId ?? '-').padEnd(16),
    line.length > maxSummaryLength ? `${line.slice(0, maxSummaryLength - 1)}…` : line,
  ].join('  ');
}

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
