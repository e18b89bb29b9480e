import type { Connection } from '../core/connection.ts';
import { UpstreamError, type UpstreamStep } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { withoutSecrets } from '../core/redact.ts';
import type { Trace } from '../core/trace.ts';
import { endingOf } from '../sandbox/compiled-script.ts';
import type { Sandbox, ScriptEntry, ScriptOutcome, ScriptRun } from '../sandbox/sandbox.ts';
import { quotes } from './quotes.ts';

/** A script of a connection's options, by its Auth0 or Portico name. */
export type ConnectionScript = {
  readonly name: 'authorizationUrl' | 'tokenExchange' | 'fetchUserProfile' | 'getLogoutUrl';
  readonly source: string;
  readonly entry: ScriptEntry;
  /** What neither a message nor a record of the run may repeat. */
  readonly secrets: readonly string[];
};

const places = {
  authorizationUrl: { step: 'configuration', title: 'authorization URL script', result: 'return an address' },
  tokenExchange: { step: 'exchange', title: 'token exchange script', result: 'call back with tokens' },
  fetchUserProfile: { step: 'profile', title: 'profile script', result: 'call back with a profile' },
  getLogoutUrl: { step: 'configuration', title: 'logout URL script', result: 'call back with an address' },
} as const satisfies Record<ConnectionScript['name'], { step: UpstreamStep; title: string; result: string }>;

/** What the script gave. Throws UpstreamError with the step it stands for and `script_…` where the run did not give a value. */
export async function runScript(
  sandbox: Sandbox,
  connection: Connection,
  { script, trace }: { readonly script: ConnectionScript; readonly trace: Trace },
): Promise<Json> {
  const { name, source, entry, secrets } = script;
  const filename = `${connection.name}.${name}${endingOf(source)}`;
  const run = await sandbox.run({ source, filename, entry, secrets, trace });
  trace.record('script.run', { script: name, ...describe(run) });
  if (run.outcome.ok) return run.outcome.value;
  throw toUpstreamError(run.outcome, { script, trace, responseTexts: run.responseTexts });
}

/** A run that ended well, with a value that is not what the script is there for. */
export function brokenContract(name: ConnectionScript['name'], trace: Trace): UpstreamError {
  return failure(name, 'contract', ownText(name, { kind: 'contract', trace }), {});
}

function describe({ outcome, exchanges, consoleLines, ms }: ScriptRun): JsonObject {
  const where = !outcome.ok && 'line' in outcome && outcome.line !== undefined ? { line: outcome.line } : {};
  return {
    ms,
    outcome: outcome.ok ? 'ok' : outcome.kind,
    ...where,
    consoleLines: consoleLines.length,
    requests: exchanges.map(({ method, status, error, responseBytes, ms: requestMs }) => ({
      method,
      ...(status === undefined ? {} : { status }),
      ...(error === undefined ? {} : { error }),
      bytes: responseBytes,
      ms: requestMs,
    })),
  };
}

type Failure = Extract<ScriptOutcome, { ok: false }>;

const texts: Record<Failure['kind'], (title: string, result: string) => string> = {
  timeout: (title) => `The ${title} took too long`,
  memory: (title) => `The ${title} used too much memory`,
  crash: (title) => `The ${title} ended unexpectedly`,
  busy: (title) => `Too many scripts are running to start the ${title}. Try again`,
  limit: (title) => `The ${title} went over a limit`,
  syntax: (title) => `The ${title} is not valid JavaScript`,
  contract: (title, result) => `The ${title} did not ${result}`,
  runtime: (title) => `The ${title} failed`,
  callback: (title) => `The ${title} reported an error`,
};

function ownText(name: ConnectionScript['name'], { kind, trace }: { kind: Failure['kind']; trace: Trace }): string {
  const { title, result } = places[name];
  return `${texts[kind](title, result)}; see trace ${trace.id}`;
}

const maxShownLength = 200;

function toUpstreamError(
  outcome: Failure,
  given: { script: ConnectionScript; trace: Trace; responseTexts: readonly string[] },
): UpstreamError {
  const { script, trace, responseTexts } = given;
  const secretTexts = [...responseTexts, ...script.secrets];
  // Auth0 shows an error's message, and its class is no part of that.
  const words = outcome.message
    .replace(outcome.kind === 'runtime' ? /^\w*Error: / : '', '')
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maxShownLength)
    .toWellFormed();
  // Auth0: what a script throws or calls back is the error_description that the application gets.
  const mayShow =
    (outcome.kind === 'callback' || outcome.kind === 'runtime') &&
    words !== '' &&
    !quotes(words, { secretTexts, ownText: script.source });
  const stack = 'stack' in outcome && outcome.stack !== undefined ? `\n${outcome.stack}` : '';
  const detail = withoutSecrets(`${outcome.message}${stack}`, script.secrets).slice(0, 4_000);
  return failure(script.name, outcome.kind, mayShow ? words : ownText(script.name, { kind: outcome.kind, trace }), {
    detail,
  });
}

const failure = (
  name: ConnectionScript['name'],
  kind: Failure['kind'],
  message: string,
  extra: { detail?: string },
): UpstreamError => new UpstreamError(places[name].step, `script_${kind}`, message, extra);
