import { hash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWTPayload, jwtVerify } from 'jose';
import { OAuthError } from '../../core/errors.ts';
import type { HandleHash } from '../../core/ids.ts';

/** Auth0: ES256 and nothing else. */
export const proofAlgorithms = ['ES256'];

/** What a proof must have been made for. */
export type ProofTarget = {
  readonly method: string;
  readonly url: string;
  /** Set where the proof comes with an access token (RFC 9449 §7). */
  readonly accessToken?: string | undefined;
  readonly now: Date;
};

/** A proof whose signature and claims are right. Whether it was used before, and whether its nonce is ours, is not known yet. */
export type Proof = {
  /** RFC 7638, of the key that signed it. */
  readonly thumbprint: string;
  readonly nonce: string | undefined;
  readonly proofHash: HandleHash;
  /** From here on its age alone refuses it. */
  readonly expiresAt: Date;
};

const longestAgeSeconds = 300;
/** Clients' clocks differ from ours. */
const leewaySeconds = 60;

/** RFC 9449 §4.3. Throws OAuthError `invalid_dpop_proof`. */
export async function readProof(jwt: string, target: ProofTarget): Promise<Proof> {
  const { payload, jwk } = await verify(jwt, target.now);
  checkClaims(payload, target);
  const thumbprint = await calculateJwkThumbprint(jwk);
  const proofHash = hash('sha256', JSON.stringify(['dpop', thumbprint, payload.jti]), 'base64url') as HandleHash;
  return {
    thumbprint,
    nonce: typeof payload.nonce === 'string' ? payload.nonce : undefined,
    proofHash,
    expiresAt: new Date((Number(payload.iat) + longestAgeSeconds) * 1000),
  };
}

async function verify(jwt: string, now: Date) {
  try {
    const { payload, protectedHeader } = await jwtVerify(jwt, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: proofAlgorithms,
      clockTolerance: leewaySeconds,
      currentDate: now,
    });
    const { jwk } = protectedHeader;
    if (jwk === undefined) throw invalidProof('it has no key');
    return { payload, jwk };
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause;
    throw invalidProof('its signature or form cannot be verified', cause);
  }
}

function checkClaims({ jti, htm, htu, iat, ath }: JWTPayload, { method, url, accessToken, now }: ProofTarget): void {
  if (typeof jti !== 'string' || jti === '' || jti.length > 255) throw invalidProof('jti is missing');
  if (htm !== method) throw invalidProof('htm is another method');
  if (typeof htu !== 'string' || withoutQuery(htu) !== withoutQuery(url)) throw invalidProof('htu is another address');
  if (typeof iat !== 'number' || !Number.isInteger(iat)) throw invalidProof('iat is missing');
  const age = now.getTime() / 1000 - iat;
  if (age > longestAgeSeconds || age < -leewaySeconds) throw invalidProof('iat is not recent');
  if (accessToken !== undefined && ath !== hash('sha256', accessToken, 'base64url')) {
    throw invalidProof('ath is of another access token');
  }
}

/** RFC 9449 §4.3: compared after normalisation, without query and fragment. */
function withoutQuery(text: string): string | undefined {
  const url = URL.parse(text);
  return url === null ? undefined : `${url.origin}${url.pathname}`;
}

export const invalidProof = (what: string, cause?: errors.JOSEError): OAuthError =>
  new OAuthError('invalid_dpop_proof', `The DPoP proof is not valid: ${what}`, {
    ...(cause === undefined ? {} : { detail: `${cause.code} ${cause.message}`, cause }),
  });
