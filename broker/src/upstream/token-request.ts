import type { Connection } from '../core/connection.ts';
import { UpstreamError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { getClientId } from './get-client-id.ts';
import type { CodeExchange } from './upstream.ts';

type TokenRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** The form and its headers, in the order in which Auth0 is seen to send them. */
export function tokenRequest(connection: Connection, exchange: CodeExchange): TokenRequest {
  const { options } = connection;
  const method = options.token_endpoint_auth_method ?? 'client_secret_post';
  const secret = options.client_secret ?? '';
  const usesBasic = method === 'client_secret_basic' && secret !== '';

  const form = new URLSearchParams({ grant_type: 'authorization_code', redirect_uri: exchange.redirectUri });
  if (exchange.verifier !== undefined) form.set('code_verifier', exchange.verifier);
  if (!usesBasic) form.set('client_id', getClientId(connection));
  if (method === 'client_secret_post' && secret !== '') form.set('client_secret', secret);
  form.set('code', exchange.code);

  return {
    url: getTokenUrl(connection),
    headers: {
      accept: 'application/json',
      ...(usesBasic ? { authorization: basicCredentials(getClientId(connection), secret) } : {}),
      // Auth0: a provider that wants Basic gets it through customHeaders, beside the secret in the body.
      ...customHeaders(connection),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
  };
}

function getTokenUrl({ name, options }: Connection): string {
  const url = URL.parse(options.tokenURL ?? '');
  if (!url)
    throw new UpstreamError('configuration', 'bad_token_url', `The tokenURL of connection ${name} is not a URL`);
  // A query ends up in logs of proxies and servers.
  if (url.searchParams.has('client_secret')) {
    throw new UpstreamError(
      'configuration',
      'secret_in_url',
      `The tokenURL of connection ${name} carries a client_secret. Move it to client_secret`,
    );
  }
  return url.href;
}

/** RFC 6749 §2.3.1: both are form-encoded first, then joined and encoded as base64. */
function basicCredentials(clientId: string, secret: string): string {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64')}`;
}

const framingHeaders = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'content-type']);
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** For the token endpoint only. Lower-case names, so that ours and theirs cannot stand side by side. */
function customHeaders({ name: connectionName, options }: Connection): Record<string, string> {
  const headers: Record<string, string> = {};
  // Auth0's API accepts '' here.
  if (!isJsonObject(options.customHeaders)) return headers;
  for (const [name, value] of Object.entries(options.customHeaders)) {
    if (framingHeaders.has(name.toLowerCase())) continue;
    if (!headerName.test(name) || typeof value !== 'string' || !headerValue.test(value)) {
      throw new UpstreamError(
        'configuration',
        'bad_custom_header',
        `A custom header of connection ${connectionName} has a name or value that HTTP does not allow`,
        { detail: `header ${JSON.stringify(name)}` },
      );
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}
