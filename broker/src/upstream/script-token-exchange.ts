import type { Clock } from '../core/clock.ts';
import type { Connection } from '../core/connection.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Tokenset } from '../core/tokenset.ts';
import type { Trace } from '../core/trace.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { getClientId } from './get-client-id.ts';
import { readTokenAnswer } from './parse-token-answer.ts';
import { brokenContract, runScript } from './run-script.ts';
import type { CodeExchange } from './upstream.ts';
import { withoutNewTokens } from './without-new-tokens.ts';

/** Portico's addition: `scripts.tokenExchange(config, callback)` in place of the request to the token endpoint. */
export async function scriptTokenExchange(
  { sandbox, clock }: { readonly sandbox: Sandbox; readonly clock: Clock },
  connection: Connection,
  given: { readonly source: string; readonly exchange: CodeExchange; readonly trace: Trace },
): Promise<{ tokenset: Tokenset; raw: JsonObject }> {
  const { source, exchange, trace } = given;
  const { client_secret: secret } = connection.options;
  const script = {
    name: 'tokenExchange',
    source,
    entry: { kind: 'callback', arguments: [toConfig(connection, exchange)] },
    secrets: [exchange.code, exchange.verifier, secret].filter((text) => text !== undefined),
  } as const;
  const value = await runScript(sandbox, connection, { script, trace: withoutNewTokens(trace) });
  if (!isJsonObject(value)) throw brokenContract('tokenExchange', trace);
  return readTokenAnswer(value, clock.now());
}

/** The guide's names; `redirect_uri` and the like are what a script makes of them. */
function toConfig(connection: Connection, { code, verifier, redirectUri }: CodeExchange): JsonObject {
  const { name, options } = connection;
  const { client_secret: secret, tokenURL: tokenUrl } = options;
  return {
    connection: name,
    grant_type: 'authorization_code',
    code,
    client_id: getClientId(connection),
    callback_url: redirectUri,
    ...(secret === undefined ? {} : { client_secret: secret }),
    ...(verifier === undefined ? {} : { code_verifier: verifier }),
    ...(tokenUrl === undefined ? {} : { token_url: tokenUrl }),
  };
}
