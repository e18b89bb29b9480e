import type { Connection } from '../core/connection.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { Trace } from '../core/trace.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { runScript } from './run-script.ts';
import type { TokenAnswer } from './upstream.ts';

/** Runs the connection's fetchUserProfile. Throws UpstreamError('profile', 'script_…') where the run did not give a value. */
export function runProfileScript(
  sandbox: Sandbox,
  connection: Connection,
  given: { readonly source: string; readonly answer: TokenAnswer; readonly trace: Trace },
): Promise<Json> {
  const { source, answer, trace } = given;
  const script = {
    name: 'fetchUserProfile',
    source,
    entry: { kind: 'callback', arguments: [answer.tokenset.accessToken, toContext(connection, answer)] },
    secrets: secretsOf(connection, answer),
  } as const;
  return runScript(sandbox, connection, { script, trace });
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
