import type { Connection } from '../core/connection.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Trace } from '../core/trace.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { runScript } from './run-script.ts';
import { parseScriptUrl } from './script-url.ts';
import type { UpstreamLogout } from './upstream.ts';

/** Where the upstream's own session ends. Auth0: `options.logoutUrl`, and without it `scripts.getLogoutUrl(query, callback)`. */
export async function logoutUrl(
  sandbox: Sandbox,
  connection: Connection,
  { logout, trace }: { readonly logout: UpstreamLogout; readonly trace: Trace },
): Promise<string | undefined> {
  const { logoutUrl: configured, scripts, client_id: clientId } = connection.options;
  if (configured) return withReturn(parseConfigured(connection, configured), { clientId, returnTo: logout.returnTo });
  const source = scripts?.getLogoutUrl;
  if (!source) return undefined;
  const query = {
    federated: '',
    returnTo: logout.returnTo,
    ...(logout.clientId === undefined ? {} : { client_id: logout.clientId }),
  };
  const script = {
    name: 'getLogoutUrl',
    source,
    entry: { kind: 'callback', gives: 'json', arguments: [query] },
    secrets: [],
  } as const;
  return parseScriptUrl(await runScript(sandbox, connection, { script, trace }), 'logout URL of the script').href;
}

function parseConfigured({ name }: Connection, configured: string): URL {
  const url = URL.parse(configured);
  const isFine = url && (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password;
  if (isFine) return url;
  throw new UpstreamError(
    'configuration',
    'bad_logout_url',
    `The logoutUrl of connection ${name} is not an http or https URL`,
  );
}

/** OpenID Connect RP-Initiated Logout 1.0 §2: the names most providers know. What is written there already stays. */
function withReturn(url: URL, { clientId, returnTo }: { clientId: string | undefined; returnTo: string }): string {
  const added = new URLSearchParams();
  if (!url.searchParams.has('post_logout_redirect_uri')) added.set('post_logout_redirect_uri', returnTo);
  if (clientId && !url.searchParams.has('client_id')) added.set('client_id', clientId);
  const query = [url.search.slice(1), added.toString()].filter((part) => part !== '').join('&');
  url.search = query;
  return url.href;
}
