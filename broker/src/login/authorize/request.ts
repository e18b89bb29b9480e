import type { Client, ResourceServer } from '../../core/client.ts';
import type { Connection } from '../../core/connection.ts';
import { OAuthError } from '../../core/errors.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { isActivation } from '../activate/activation.ts';
import { readChallenge } from './challenge.ts';
import { checkNotOffered } from './not-offered.ts';
import { readMaxAge, readPrompts } from './prompt.ts';
import { checkGrantTypes, checkResponseMode, type ResponseType, readResponseType } from './response-type.ts';
import { findAudience, grantScopes } from './scopes.ts';
import { checkThirdParty } from './third-party.ts';

/** The rest of an /authorize request, verified. Errors from here on go to the proven target. */
export type AuthorizeRequest = {
  readonly client: Client;
  readonly responseType: ResponseType;
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  /** RFC 9449 §10: the only key that may redeem the code. */
  readonly keyThumbprint: string | undefined;
  readonly prompts: ReadonlySet<string>;
  readonly maxAge: number | undefined;
  readonly resourceServer: ResourceServer | undefined;
  readonly scopes: readonly string[];
  /** Named by the application: no login page. */
  readonly connection: Connection | undefined;
  /** As they came, for what travels on to the upstream. */
  readonly parameters: Readonly<Record<string, string>>;
};

export function verifyRequest(
  tenant: Snapshot,
  client: Client,
  parameters: Readonly<Record<string, string>>,
): AuthorizeRequest {
  checkNoRequestObject(parameters);
  const responseType = readResponseType(parameters.response_type);
  checkThirdParty(client, parameters, responseType);
  checkResponseMode(parameters.response_mode, responseType);
  if (!isActivation(parameters)) checkGrantTypes(client, responseType);
  const nonce = readNonce(parameters.nonce, responseType);
  const challenge = readChallenge(client, parameters, responseType);
  const keyThumbprint = readKeyThumbprint(client, parameters.dpop_jkt, responseType);
  const prompts = readPrompts(parameters.prompt);
  checkNotOffered(parameters, prompts);
  const maxAge = readMaxAge(parameters.max_age);
  const resourceServer = findAudience(tenant, audienceOf(tenant, parameters));
  const scopes = grantScopes(parameters.scope, { client, resourceServer, responseType });
  checkIdTokenScope(scopes, responseType);
  const connection = findConnection(tenant, client, parameters.connection);
  return {
    client,
    responseType,
    nonce,
    challenge,
    keyThumbprint,
    prompts,
    maxAge,
    resourceServer,
    scopes,
    connection,
    parameters,
  };
}

/** RFC 8707 §2, where the tenant says so. */
const audienceOf = ({ settings }: Snapshot, { audience, resource }: Readonly<Record<string, string>>) =>
  audience ?? (settings.acceptsResourceParameter ? resource : undefined);

/** A request object would hold parameters that nobody has checked; a request_uri would be fetched (DN-24). */
function checkNoRequestObject(parameters: Readonly<Record<string, string>>): void {
  if (parameters.request !== undefined) {
    throw new OAuthError('request_not_supported', 'The request parameter is not supported');
  }
  if (parameters.request_uri !== undefined) {
    throw new OAuthError('request_uri_not_supported', 'The request_uri parameter is not supported');
  }
}

/** OpenID Connect Core §3.2.2.1: an ID token from the front channel must be bound to the request. */
function readNonce(nonce: string | undefined, { idToken }: ResponseType): string | undefined {
  if (idToken && (nonce === undefined || nonce === '')) {
    throw new OAuthError('invalid_request', 'Missing required parameter: nonce');
  }
  // No database gives these back as they were, and the ID token must hold the nonce to the letter.
  if (nonce !== undefined && (nonce.includes('\0') || !nonce.isWellFormed())) {
    throw new OAuthError('invalid_request', 'nonce must be well-formed text without NUL');
  }
  return nonce;
}

/** RFC 9449 §10. A client whose tokens are bound gets none through the browser, where nothing binds them. */
function readKeyThumbprint(
  client: Client,
  thumbprint: string | undefined,
  responseType: ResponseType,
): string | undefined {
  if (client.requiresProofOfPossession && responseType.token) {
    throw new OAuthError('invalid_request', 'response_type token is not allowed for a client that must use DPoP');
  }
  if (thumbprint !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(thumbprint)) {
    throw new OAuthError('invalid_request', 'dpop_jkt must be 43 characters of base64url');
  }
  return thumbprint;
}

function checkIdTokenScope(scopes: readonly string[], { idToken }: ResponseType): void {
  if (!idToken || scopes.includes('openid')) return;
  throw new OAuthError('invalid_request', 'The openid scope is required for an ID token');
}

/** Auth0's words for a name that leads nowhere. */
function findConnection(tenant: Snapshot, client: Client, name: string | undefined): Connection | undefined {
  if (name === undefined || name === '') return undefined;
  const connection = tenant.findConnectionByName(name);
  if (connection === undefined) throw new OAuthError('invalid_request', 'the connection was not found');
  if (!connection.isForSignIn || !connection.enabledClients.has(client.id)) {
    throw new OAuthError('invalid_request', 'the connection was disabled');
  }
  return connection;
}
