import { audience } from '../support/world.ts';
import { machineGrant } from './clients.ts';
import type { Endpoint } from './draft.ts';
import type { Sent } from './serialize.ts';

/*
 * Where Portico and the library do not agree, and why Portico stays as it is. docs/compatibility.md explains the same
 * ids; a test compares both, and that every entry is met.
 */

export type Difference = {
  readonly id: string;
  /** The side that goes further. */
  readonly accepts: 'portico' | 'library';
  /** Where it is met. */
  readonly at: readonly Endpoint[];
  readonly reason: string;
  /** A section of Auth0's contract, or of the standard. */
  readonly source: string;
  readonly covers: (sent: Sent) => boolean;
};

export const differences: readonly Difference[] = [
  {
    id: 'response-type-token',
    accepts: 'portico',
    at: ['authorize', 'par'],
    reason: 'Auth0 serves the lone access token; the library cannot be configured to.',
    source: 'Auth0, observed; RFC 6749 §4.2',
    covers: (sent) => isAuthorize(sent) && new Set(value(sent, 'response_type').split(' ')).isSubsetOf(token),
  },
  {
    id: 'scope-without-grammar',
    accepts: 'portico',
    at: ['authorize', 'token', 'par', 'device'],
    reason: 'Scopes that nobody knows are left out without a word, however they are written.',
    source: 'Auth0, observed; RFC 6749 §3.3',
    covers: (sent) => isPresent(sent, 'scope') && !scopeGrammar.test(value(sent, 'scope')),
  },
  {
    id: 'no-scope-granted',
    accepts: 'portico',
    at: ['authorize', 'par', 'device'],
    reason: 'A request without a known scope signs the person in and grants nothing.',
    source: 'Auth0, observed; RFC 6749 §3.3',
    covers: (sent) => isAuthorize(sent) && !words(sent, 'scope').some((scope) => grantable.has(scope)),
  },
  {
    id: 'openid-parameters-without-openid',
    accepts: 'portico',
    at: ['authorize', 'par'],
    reason: 'Parameters of OpenID Connect are no error in a request that is plain OAuth 2.0.',
    source: 'Auth0, observed; RFC 6749 §3.1',
    covers: (sent) =>
      isAuthorize(sent) &&
      !words(sent, 'scope').includes('openid') &&
      ['nonce', 'max_age', 'acr_values', 'id_token_hint'].some((name) => isPresent(sent, name)),
  },
  {
    id: 'parameters-for-pages-and-actions',
    accepts: 'portico',
    at: ['authorize', 'par'],
    reason: 'id_token_hint and registration are passed on and decide nothing.',
    source: 'Auth0, observed',
    covers: (sent) => isAuthorize(sent) && ['id_token_hint', 'registration'].some((name) => isPresent(sent, name)),
  },
  {
    id: 'audience-selects-the-api',
    accepts: 'library',
    at: ['authorize', 'token', 'par', 'device'],
    reason: 'audience names the API; it must exist, and a machine must name one.',
    source: 'Auth0, observed',
    covers: (sent) =>
      (isAuthorize(sent) && isPresent(sent, 'audience') && value(sent, 'audience') !== audience) ||
      (asksFor(sent, 'client_credentials') && value(sent, 'audience') !== audience),
  },
  {
    id: 'online-and-offline',
    accepts: 'library',
    at: ['authorize', 'par'],
    reason: 'The two kinds of access exclude each other.',
    source: 'Auth0, observed',
    covers: (sent) =>
      isAuthorize(sent) && ['online_access', 'offline_access'].every((scope) => words(sent, 'scope').includes(scope)),
  },
  {
    id: 'max-age-in-digits',
    accepts: 'library',
    at: ['authorize', 'par'],
    reason: 'A number of seconds is written in digits, not in any way that a programming language reads.',
    source: 'OpenID Connect Core §3.1.2.1',
    covers: (sent) => isAuthorize(sent) && /[^0-9]/.test(value(sent, 'max_age')),
  },
  {
    id: 'challenge-of-sha-256',
    accepts: 'library',
    at: ['authorize', 'par'],
    reason: 'No verifier could ever match a challenge that is no SHA-256.',
    source: 'RFC 7636 §4.2',
    covers: (sent) =>
      isAuthorize(sent) && isPresent(sent, 'code_challenge') && !/^[\w-]{43}$/.test(value(sent, 'code_challenge')),
  },
  {
    id: 'nonce-to-the-letter',
    accepts: 'library',
    at: ['authorize', 'par'],
    reason: 'A nonce that no database gives back unchanged is refused.',
    source: 'OpenID Connect Core §2',
    covers: (sent) => isAuthorize(sent) && value(sent, 'nonce').includes('\0'),
  },
  {
    id: 'web-message-origin',
    accepts: 'library',
    at: ['authorize', 'par'],
    reason: 'A web message goes to an allowed web origin only.',
    source: 'Auth0, observed',
    covers: (sent) => isAuthorize(sent) && nameOf(sent) !== 'spa' && value(sent, 'response_mode') === 'web_message',
  },
  {
    id: 'repeated-parameters',
    accepts: 'library',
    at: ['authorize', 'token', 'par', 'revoke', 'device'],
    reason: 'No parameter comes twice, known or not.',
    source: 'RFC 6749 §3.1, §3.2',
    covers: ({ parameters }) => new Set(parameters.keys()).size < [...parameters.keys()].length,
  },
  {
    id: 'json-body',
    accepts: 'portico',
    at: ['token', 'par', 'revoke', 'device'],
    reason: 'The token endpoint takes JSON as well as a form.',
    source: 'Auth0, observed',
    covers: ({ draft }) => draft.endpoint !== 'authorize' && draft.encoding === 'json',
  },
  {
    id: 'basic-after-spaces',
    accepts: 'portico',
    at: ['token', 'par', 'revoke'],
    reason: 'More than one space may follow the scheme.',
    source: 'RFC 9110 §11.4',
    covers: ({ draft }) => /^basic {2,}/i.test(draft.authorization ?? ''),
  },
  {
    id: 'secret-padded-with-zeros',
    accepts: 'library',
    at: ['token', 'par', 'revoke'],
    reason: 'A secret followed by zero bytes is another secret.',
    source: 'RFC 6749 §2.3.1',
    covers: ({ draft, parameters }) =>
      draft.endpoint !== 'authorize' &&
      (parameters.get('client_secret')?.endsWith('\0') === true || secretInHeader(draft.authorization).endsWith('\0')),
  },
  {
    id: 'redirect-uri-again',
    accepts: 'library',
    at: ['token'],
    reason: 'A redirect URI that was sent for the code must be sent with it, also by a client that has only one.',
    source: 'RFC 6749 §4.1.3',
    covers: (sent) =>
      asksFor(sent, 'authorization_code') &&
      sent.draft.preparation?.namesRedirectUri === true &&
      !isPresent(sent, 'redirect_uri'),
  },
  {
    id: 'code-spent-by-a-failed-try',
    accepts: 'library',
    at: ['token'],
    reason: 'A code is spent by the first try, so that nobody tries again with another verifier.',
    source: 'RFC 6749 §4.1.2',
    covers: ({ draft }) => draft.preparation?.before === 'tried with a wrong verifier',
  },
  {
    id: 'refresh-scope-beyond-the-grant',
    accepts: 'portico',
    at: ['token'],
    reason: "Auth0's libraries ask for the scopes that they first asked for; what was not granted is left out.",
    source: 'Auth0, observed',
    covers: (sent) => asksFor(sent, 'refresh_token') && words(sent, 'scope').some((scope) => !refreshable.has(scope)),
  },
  {
    id: 'refresh-for-another-audience',
    accepts: 'library',
    at: ['token'],
    reason: 'A refresh token is for one API; the refusal sends the libraries to a silent sign-in.',
    source: 'Auth0, observed',
    covers: (sent) => asksFor(sent, 'refresh_token') && isPresent(sent, 'audience'),
  },
  {
    id: 'pushed-and-nothing-else',
    accepts: 'portico',
    at: ['authorize'],
    reason: 'Parameters beside a request_uri of ours are not read, so they cannot contradict it.',
    source: 'RFC 9126 §4',
    covers: (sent) => isPushed(sent) && ['response_type', 'request'].some((name) => isPresent(sent, name)),
  },
  {
    id: 'client-by-its-credentials',
    accepts: 'portico',
    at: ['par'],
    reason: 'Basic and assertions name the client; client_id need not be pushed beside them.',
    source: 'RFC 9126 §2.1',
    covers: (sent) =>
      sent.draft.endpoint === 'par' &&
      (!isPresent(sent, 'client_id') || /^basic /i.test(sent.draft.authorization ?? '')),
  },
  {
    id: 'assertion-for-minutes',
    accepts: 'library',
    at: ['token', 'par', 'revoke'],
    reason: 'An assertion is made now, for five minutes at most, and for nobody else.',
    source: 'Auth0, observed; RFC 7523 §3',
    covers: (sent) => isFarReaching(readClaims(value(sent, 'client_assertion'))),
  },
  {
    id: 'assertion-by-any-key',
    accepts: 'portico',
    at: ['token', 'par', 'revoke'],
    reason: 'An assertion is tried with every key of its client, whatever key it names.',
    source: 'RFC 7515 §4.1.4',
    covers: (sent) => readHeader(value(sent, 'client_assertion')).kid !== undefined,
  },
  {
    id: 'proof-of-this-moment',
    accepts: 'library',
    at: ['token', 'par'],
    reason: 'A proof is young, also where it has a nonce.',
    source: 'RFC 9449 §4.3',
    covers: ({ headers }) => isOff(readClaims(headers.dpop ?? '').iat),
  },
  {
    id: 'machine-scope-beyond-the-grant',
    accepts: 'library',
    at: ['token'],
    reason: 'A machine that asks for a scope it was not granted is refused, also where nobody knows the scope.',
    source: 'Auth0, observed',
    covers: (sent) =>
      asksFor(sent, 'client_credentials') && words(sent, 'scope').some((scope) => scope !== machineGrant),
  },
];

/** RFC 6749 §3.3: words of printable ASCII without quotes and backslashes, one space between them. */
const scopeGrammar = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/;

const token: ReadonlySet<string> = new Set(['token']);
/** Scopes that the library would find something to grant for. */
const grantable: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'user_metadata', machineGrant]);
/** What every refresh token of a run was granted. */
const refreshable: ReadonlySet<string> = new Set(['openid', 'profile', 'offline_access']);

/** An /authorize request, in the browser or pushed; a device asks for scopes as it does. */
const isAuthorize = ({ draft }: Sent): boolean =>
  draft.endpoint === 'authorize' || draft.endpoint === 'par' || draft.endpoint === 'device';
const value = ({ parameters }: Sent, name: string): string => parameters.get(name) ?? '';
const isPresent = (sent: Sent, name: string): boolean => value(sent, name) !== '';
const words = (sent: Sent, name: string): readonly string[] => value(sent, name).split(/\s+/).filter(Boolean);
const asksFor = (sent: Sent, grantType: string): boolean =>
  sent.draft.endpoint === 'token' && value(sent, 'grant_type') === grantType;

const nameOf = (sent: Sent): string => value(sent, 'client_id');

const isPushed = (sent: Sent): boolean =>
  sent.draft.endpoint === 'authorize' && isPresent(sent, 'request_uri') && sent.handles.requestUri !== '';

type Claims = Readonly<Record<string, unknown>>;

const readPart = (jwt: string, index: number): Claims => {
  try {
    return JSON.parse(Buffer.from(jwt.trim().split('.')[index] ?? '', 'base64url').toString()) as Claims;
  } catch {
    return {};
  }
};
const readHeader = (jwt: string): Claims => readPart(jwt, 0);
const readClaims = (jwt: string): Claims => readPart(jwt, 1);

const isOff = (seconds: unknown): boolean => typeof seconds === 'number' && Math.abs(seconds - Date.now() / 1000) > 290;
const isFarReaching = ({ aud, exp, iat }: Claims): boolean =>
  isOff(exp) || isOff(iat) || (Array.isArray(aud) && aud.length > 1);

const secretInHeader = (authorization: string | undefined): string =>
  Buffer.from(/^basic +(\S*)$/i.exec(authorization ?? '')?.[1] ?? '', 'base64').toString();
