import { hash } from 'node:crypto';
import type { Connection } from '../core/connection.ts';
import type { JsonObject } from '../core/json.ts';
import type { Trace } from '../core/trace.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { configuredParameters, mayVerifyNonce, mergeQuery, ownParameters, toScope } from './authorization-url.ts';
import { getClientId } from './get-client-id.ts';
import { runScript } from './run-script.ts';
import { parseScriptUrl } from './script-url.ts';
import type { UpstreamAuthorization, UpstreamDeparture } from './upstream.ts';

/**
 * Portico's addition: `scripts.authorizationUrl(config)` makes the address. What the transaction depends on is ours
 * whatever the script says (UP-14); the rest stays as the script wrote it, and options add what it left out.
 */
export async function scriptAuthorizationUrl(
  sandbox: Sandbox,
  connection: Connection,
  given: { readonly source: string; readonly authorization: UpstreamAuthorization; readonly trace: Trace },
): Promise<UpstreamDeparture> {
  const { source, authorization, trace } = given;
  const { options } = connection;
  const scope = toScope(options, authorization.parameters.connection_scope);
  const config = toConfig(connection, authorization, scope);
  const script = {
    name: 'authorizationUrl',
    source,
    entry: { kind: 'return', arguments: [config] },
    secrets: [authorization.state, authorization.nonce, authorization.verifier, options.client_secret ?? ''],
  } as const;
  const url = parseScriptUrl(
    await runScript(sandbox, connection, { script, trace }),
    'authorization URL of the script',
  );

  const written = url.searchParams;
  const parameters = configuredParameters(options, authorization.parameters);
  for (const name of written.keys()) parameters.delete(name);
  const sends = {
    sendsChallenge: options.pkce_enabled === true,
    sendsNonce: mayVerifyNonce(options, scope) || mayVerifyNonce(options, written.get('scope') ?? ''),
  };
  ownParameters(parameters, connection, { authorization, scope: written.has('scope') ? '' : scope, ...sends });
  url.search = mergeQuery(url.search.slice(1), parameters);
  return { url: url.href, ...sends };
}

/** As the guide has it, and what a script needs that puts the whole request into another address. Never the client's secret. */
function toConfig(connection: Connection, authorization: UpstreamAuthorization, scope: string): JsonObject {
  const { options, name } = connection;
  const { login_hint: loginHint } = authorization.parameters;
  return {
    connection: name,
    client_id: getClientId(connection),
    callback_url: authorization.redirectUri,
    response_type: 'code',
    scope,
    state: authorization.state,
    ...(options.authorizationURL === undefined ? {} : { authorization_url: options.authorizationURL }),
    ...(loginHint === undefined ? {} : { login_hint: loginHint }),
    ...(mayVerifyNonce(options, scope) ? { nonce: authorization.nonce } : {}),
    ...(options.pkce_enabled === true
      ? { code_challenge: hash('sha256', authorization.verifier, 'base64url'), code_challenge_method: 'S256' }
      : {}),
  };
}
