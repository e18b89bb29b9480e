import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import { type Clock, toEpochSeconds } from '../core/clock.ts';
import type { Connection, ConnectionOptions } from '../core/connection.ts';
import { UpstreamError } from '../core/errors.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Tokenset } from '../core/tokenset.ts';
import type { Trace } from '../core/trace.ts';
import { getClientId } from './get-client-id.ts';
import type { KeySets } from './key-sets.ts';
import { parseJson } from './parse-json.ts';

export type VerifyIdToken = (
  connection: Connection,
  given: { readonly tokenset: Tokenset; readonly nonce: string | undefined; readonly trace: Trace },
) => Promise<JsonObject | undefined>;

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
const leewaySeconds = 60;

/** Whether the connection says with which keys an ID token is verified. */
export const verifiesIdTokens = (options: ConnectionOptions): boolean =>
  Boolean(options.jwks_uri || options.discovery_url || options.issuer);

/** OpenID Connect Core §3.1.3.7. undefined: no ID token, or nothing to verify it with; then it is kept but not trusted. */
export function createVerifyIdToken({
  keySets,
  clock,
}: {
  readonly keySets: KeySets;
  readonly clock: Clock;
}): VerifyIdToken {
  return async (connection, { tokenset, nonce, trace }) => {
    const { idToken } = tokenset;
    if (idToken === undefined || !verifiesIdTokens(connection.options)) return undefined;
    const clientId = getClientId(connection);
    const { issuer, jwksUri } = await findIssuer(connection.options, { keySets, trace });
    checkForm(idToken);
    try {
      const { protectedHeader } = await jwtVerify(idToken, keySets.keysOf(jwksUri, trace), {
        algorithms,
        audience: clientId,
        ...(issuer === undefined ? {} : { issuer }),
        requiredClaims: ['iss', 'sub', 'aud', 'exp', 'iat'],
        clockTolerance: leewaySeconds,
        currentDate: clock.now(),
      });
      const claims = parseClaims(idToken);
      checkClaims(claims, { clientId, nonce, nowSeconds: toEpochSeconds(clock.now()) });
      checkAccessTokenHash(claims, protectedHeader.alg, tokenset.accessToken);
      trace.record('upstream.id_token', { alg: protectedHeader.alg });
      return claims;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw toUpstreamError(error);
      throw error;
    }
  };
}

async function findIssuer(options: ConnectionOptions, { keySets, trace }: { keySets: KeySets; trace: Trace }) {
  if (options.jwks_uri) return { issuer: options.issuer, jwksUri: options.jwks_uri };
  const suffix = '/.well-known/openid-configuration';
  const url = options.discovery_url ?? `${(options.issuer ?? '').replace(/\/$/, '')}${suffix}`;
  const { issuer, jwks_uri: jwksUri } = await keySets.discover(url, trace);
  // OpenID Connect Discovery §4.3: the document must be about the issuer that it was asked for.
  const isExpected = options.issuer ? issuer === options.issuer : isAbout(url, suffix, issuer);
  if (typeof issuer !== 'string' || typeof jwksUri !== 'string' || !isExpected) {
    throw invalid('discovery', 'the discovery document is about another issuer');
  }
  return { issuer, jwksUri };
}

/** A document at an unusual place is trusted for what it says: an administrator named its address. */
function isAbout(url: string, suffix: string, issuer: unknown): boolean {
  return !url.endsWith(suffix) || (typeof issuer === 'string' && url === `${issuer.replace(/\/$/, '')}${suffix}`);
}

/** Three parts of canonical base64url: padding, other alphabets and stray bits are ways to say one thing twice. */
function checkForm(idToken: string): void {
  const parts = idToken.split('.');
  const isCanonical = (part: string): boolean =>
    part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
  if (parts.length !== 3 || !parts.every(isCanonical)) throw invalid('form', 'it is not a signed JWT');
}

function parseClaims(idToken: string): JsonObject {
  const bytes = Buffer.from(idToken.split('.')[1] ?? '', 'base64url');
  try {
    const claims = isUtf8(bytes) ? parseJson(bytes.toString('utf8')) : undefined;
    if (isJsonObject(claims)) return claims;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid('form', 'its claims are not a JSON object');
}

function checkClaims(
  claims: JsonObject,
  { clientId, nonce, nowSeconds }: { clientId: string; nonce: string | undefined; nowSeconds: number },
): void {
  const { sub, aud, azp, exp, iat, iss } = claims;
  if (typeof iss !== 'string' || iss === '') throw invalid('iss', 'its issuer is not a string');
  if (typeof sub !== 'string' || sub === '' || sub.length > 255)
    throw invalid('sub', 'its subject is not a string of 1 to 255 characters');
  if (azp !== undefined ? azp !== clientId : Array.isArray(aud) && aud.length > 1) {
    throw invalid('azp', 'it was issued to another client');
  }
  if (!isDate(exp) || !isDate(iat)) throw invalid('time', 'exp and iat must be whole seconds');
  if (iat > nowSeconds + leewaySeconds) throw invalid('iat', 'it was issued in the future');
  if (nonce !== undefined && claims.nonce !== nonce) throw invalid('nonce', 'it belongs to another sign-in');
}

/** Up to the year 5138: beyond it is a mistake or a trick. */
const isDate = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) < 1e11;

/** OpenID Connect Core §3.1.3.6: the left half of the hash that goes with the algorithm. */
function checkAccessTokenHash({ at_hash: given }: JsonObject, alg: string, accessToken: string): void {
  if (given === undefined) return;
  const digest = hash(alg.startsWith('Ed') ? 'sha512' : 'sha256', accessToken, 'buffer');
  const expected = digest.subarray(0, digest.length / 2).toString('base64url');
  if (given !== expected) throw invalid('at_hash', 'it belongs to another access token');
}

function invalid(reason: string, what: string): UpstreamError {
  return new UpstreamError('id_token', reason, `The upstream's ID token is not valid: ${what}`);
}

function toUpstreamError(error: errors.JOSEError): UpstreamError {
  const claim =
    error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired ? error.claim : undefined;
  const what =
    claim === undefined ? 'its signature or form cannot be verified' : `its claim ${claim} is not acceptable`;
  return new UpstreamError('id_token', claim ?? 'signature', `The upstream's ID token is not valid: ${what}`, {
    detail: `${error.code} ${error.message}`,
    cause: error,
  });
}
