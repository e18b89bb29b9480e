import type { Connection } from '../core/connection.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Trace } from '../core/trace.ts';
import type { Sandbox, ScriptOutcome, ScriptRun } from '../sandbox/sandbox.ts';
import { quotes } from './quotes.ts';
import type { TokenAnswer } from './upstream.ts';

/** Runs the connection's fetchUserProfile. Throws UpstreamError('profile', 'script_…') where the run did not give a value. */
export async function runProfileScript(
  sandbox: Sandbox,
  connection: Connection,
  given: { readonly source: string; readonly answer: TokenAnswer; readonly trace: Trace },
): Promise<Json> {
  const { source, answer, trace } = given;
  const tokens = secretsOf(connection, answer);
  const run = await sandbox.run({
    source,
    filename: `${connection.name}.fetchUserProfile.js`,
    entry: { kind: 'callback', arguments: [answer.tokenset.accessToken, toContext(connection, answer)] },
    secrets: tokens,
    trace,
  });
  trace.record('script.run', describe(run));
  if (run.outcome.ok) return run.outcome.value;
  throw toUpstreamError(run.outcome, { source, trace, secretTexts: [...run.responseTexts, ...tokens] });
}

/** Every token of this sign-in, and the client's secret: none of it may leave in a profile or a message. */
export function secretsOf({ options }: Connection, { tokenset }: TokenAnswer): string[] {
  const secrets = [tokenset.accessToken, tokenset.refreshToken, tokenset.idToken, options.client_secret];
  return secrets.filter((secret) => secret !== undefined);
}

/**
 * Auth0: the second argument is the parsed token answer. No published script reads a refresh token from it, and what the
 * script cannot see it cannot lose.
 */
function toContext({ options }: Connection, { raw }: TokenAnswer): JsonObject {
  const { refresh_token: _, ...answer } = raw;
  const shown: Record<string, Json> = {};
  // Named one by one: headers, parameters and keys that we do not know may carry secrets.
  for (const key of ['client_id', 'scope', 'userInfoURL', 'issuer'] as const) {
    const value = options[key];
    if (value !== undefined) shown[key] = value;
  }
  return { options: shown, ...answer };
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

const texts: Record<Failure['kind'], string> = {
  timeout: 'The profile script took too long',
  memory: 'The profile script used too much memory',
  crash: 'The profile script ended unexpectedly',
  busy: 'Too many profile scripts are running. Try again',
  limit: 'The profile script went over a limit',
  syntax: 'The profile script is not valid JavaScript',
  contract: 'The profile script did not call back with a profile',
  runtime: 'The profile script failed',
  callback: 'The profile script reported an error',
};

const maxShownLength = 200;

function toUpstreamError(
  outcome: Failure,
  { source, trace, secretTexts }: { source: string; trace: Trace; secretTexts: readonly string[] },
): UpstreamError {
  const own = `${texts[outcome.kind]}; see trace ${trace.id}`;
  const words = outcome.message
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maxShownLength)
    .toWellFormed();
  // Auth0: what a script throws or calls back is the error_description that the application gets.
  const mayShow =
    (outcome.kind === 'callback' || outcome.kind === 'runtime') &&
    words !== '' &&
    !quotes(words, { secretTexts, ownText: source });
  const stack = 'stack' in outcome && outcome.stack !== undefined ? `\n${outcome.stack}` : '';
  return new UpstreamError('profile', `script_${outcome.kind}`, mayShow ? words : own, {
    detail: `${outcome.message}${stack}`.slice(0, 4_000),
  });
}
