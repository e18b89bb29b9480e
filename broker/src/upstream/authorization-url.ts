import { hash } from 'node:crypto';
import { type Connection, type ConnectionOptions, reservedParameters } from '../core/connection.ts';
import { UpstreamError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { getClientId } from './get-client-id.ts';
import type { UpstreamAuthorization, UpstreamDeparture } from './upstream.ts';
import { verifiesIdTokens } from './verify-id-token.ts';

/** Where the browser goes to sign in upstream. */
export function authorizationUrl(connection: Connection, authorization: UpstreamAuthorization): UpstreamDeparture {
  const { options } = connection;
  const url = parseAuthorizationUrl(connection);
  const scope = toScope(options, authorization.parameters.connection_scope);
  const sends = { sendsChallenge: options.pkce_enabled === true, sendsNonce: mayVerifyNonce(options, scope) };
  const parameters = configuredParameters(options, authorization.parameters);
  ownParameters(parameters, connection, { authorization, scope, ...sends });
  url.search = mergeQuery(url.search.slice(1), parameters);
  return { url: url.href, ...sends };
}

/** Auth0's oauth2 strategy is not seen to send a nonce; it is sent where OpenID is spoken and the answer can be verified. */
export const mayVerifyNonce = (options: ConnectionOptions, scope: string): boolean =>
  splitScope(scope).includes('openid') && verifiesIdTokens(options);

type Own = Pick<UpstreamDeparture, 'sendsChallenge' | 'sendsNonce'> & {
  readonly authorization: UpstreamAuthorization;
  readonly scope: string;
};

/** What is ours alone to say, over whatever stands in `parameters`. */
export function ownParameters(
  parameters: Map<string, string>,
  connection: Connection,
  { authorization, scope, sendsChallenge, sendsNonce }: Own,
): void {
  parameters.set('response_type', 'code');
  parameters.set('redirect_uri', authorization.redirectUri);
  if (scope !== '') parameters.set('scope', scope);
  parameters.set('state', authorization.state);
  if (sendsChallenge) {
    parameters.set('code_challenge', hash('sha256', authorization.verifier, 'base64url'));
    parameters.set('code_challenge_method', 'S256');
  }
  if (sendsNonce) parameters.set('nonce', authorization.nonce);
  parameters.set('client_id', getClientId(connection));
}

function parseAuthorizationUrl({ name, options }: Connection): URL {
  const url = URL.parse(options.authorizationURL ?? '');
  const isFine = url && (url.protocol === 'https:' || url.protocol === 'http:') && !url.username && !url.password;
  if (!isFine) {
    throw new UpstreamError(
      'configuration',
      'bad_authorization_url',
      `The authorizationURL of connection ${name} is not an http or https URL`,
    );
  }
  url.hash = '';
  return url;
}

/**
 * What configuration adds, later sources over earlier ones: login_hint, authParams, authParamsMap, upstream_params.
 * Reserved names are passed over: whatever stands in them, the transaction decides.
 */
export function configuredParameters(
  options: ConnectionOptions,
  requested: UpstreamAuthorization['parameters'],
): Map<string, string> {
  const parameters = new Map<string, string>();
  const put = (name: string, value: unknown): void => {
    if (reservedParameters.has(name) || name === '') return;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      parameters.set(name, String(value));
    }
  };
  const requestedValue = (name: unknown): string | undefined =>
    typeof name === 'string' && Object.hasOwn(requested, name) ? requested[name] : undefined;

  put('login_hint', requestedValue('login_hint'));
  for (const [name, value] of entriesOf(options.authParams)) put(name, value);
  for (const [name, source] of entriesOf(options.authParamsMap)) put(name, requestedValue(source));
  for (const [name, source] of entriesOf(options.upstream_params)) {
    if (isJsonObject(source)) put(name, source.value ?? requestedValue(source.alias));
  }
  return parameters;
}

/** Empty where it is not an object: Auth0's API lets '' through for some of these. */
const entriesOf = (value: unknown): [string, unknown][] => (isJsonObject(value) ? Object.entries(value) : []);

/** A string goes out as it is written. Lists and connection_scope are joined: by comma, or by space if the toggle says so. */
export function toScope(options: ConnectionOptions, connectionScope: string | undefined): string {
  const separator = options.useOauthSpecScope === true ? ' ' : ',';
  const configured = options.scope ?? '';
  const base = typeof configured === 'string' ? configured : [...new Set(configured)].join(separator);
  const present = new Set(splitScope(base));
  const added = [...new Set(splitScope(connectionScope ?? ''))].filter((scope) => !present.has(scope));
  return [base, ...added].filter((part) => part !== '').join(separator);
}

const splitScope = (scope: string): string[] => scope.split(/[\s,]+/).filter((part) => part !== '');

/** The query that the configured URL already has stays as it is written, but for the names that we set. */
export function mergeQuery(configured: string, parameters: ReadonlyMap<string, string>): string {
  const kept = configured.split('&').filter((pair) => pair !== '' && !isOurs(pair, parameters));
  const own = [...parameters].map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return [...kept, ...own].join('&');
}

function isOurs(pair: string, parameters: ReadonlyMap<string, string>): boolean {
  const [name = ''] = new URLSearchParams(pair).keys();
  // A scope that stands in the URL counts as long as the connection has none of its own.
  return parameters.has(name) || (reservedParameters.has(name) && name !== 'scope');
}

/** `%20` for a space, not `+`: everybody reads it, wherever in the URL it stands. */
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
