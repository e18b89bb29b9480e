import type { Client } from '../../core/client.ts';
import { OAuthError } from '../../core/errors.ts';

export type ResponseMode = 'query' | 'fragment' | 'form_post' | 'web_message';
/** What the answer carries. */
export type ResponseType = { readonly code: boolean; readonly token: boolean; readonly idToken: boolean };

const responseTypes: ReadonlyMap<string, ResponseType> = new Map(
  ['code', 'token', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'].map((name) => [
    name,
    { code: name.includes('code'), token: /(^| )token/.test(name), idToken: name.includes('id_token') },
  ]),
);

const modes: ReadonlySet<string> = new Set(['query', 'fragment', 'form_post', 'web_message']);

/** A set of words with one space between them (OAuth 2.0 Multiple Response Type Encoding Practices §3). */
const normalise = (text: string): string => [...new Set(text.split(' '))].sort().join(' ');

export function readResponseType(text: string | undefined): ResponseType {
  if (text === undefined || text === '') {
    throw new OAuthError('invalid_request', 'Missing required parameter: response_type');
  }
  const responseType = responseTypes.get(normalise(text));
  if (responseType !== undefined) return responseType;
  throw new OAuthError('unsupported_response_type', `Unsupported response type: ${text.slice(0, 64)}`);
}

export function readResponseMode({ response_mode: mode }: Readonly<Record<string, string>>): ResponseMode | undefined {
  return mode !== undefined && modes.has(mode) ? (mode as ResponseMode) : undefined;
}

/** Query for a lone code (and for what we cannot read), fragment as soon as a token travels. */
export function defaultModeOf(text: string | undefined): ResponseMode {
  const responseType = responseTypes.get(normalise(text ?? ''));
  return responseType !== undefined && (responseType.token || responseType.idToken) ? 'fragment' : 'query';
}

/** A token never travels in a query: it would stay in histories and server logs. */
export function checkResponseMode(mode: string | undefined, { token, idToken }: ResponseType): void {
  if (mode === undefined) return;
  if (!modes.has(mode)) throw new OAuthError('invalid_request', `Unsupported response mode: ${mode.slice(0, 64)}`);
  if (mode === 'query' && (token || idToken)) {
    throw new OAuthError('invalid_request', 'response_mode query is not allowed for this response type');
  }
}

/** The front channel is the implicit grant, the code is the code grant; a client may use what it is registered for. */
export function checkGrantTypes(client: Client, { code, token, idToken }: ResponseType): void {
  const needed = [...(code ? ['authorization_code'] : []), ...(token || idToken ? ['implicit'] : [])];
  const missing = needed.find((grantType) => !client.grantTypes.includes(grantType));
  if (missing === undefined) return;
  throw new OAuthError('unauthorized_client', `Grant type '${missing}' not allowed for the client.`);
}
