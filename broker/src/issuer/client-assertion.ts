import { createPublicKey, hash } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Client, ClientCredential } from '../core/client.ts';
import { addSeconds, type Clock, toEpochSeconds } from '../core/clock.ts';
import type { HandleHash } from '../core/ids.ts';
import type { Store } from '../store/store.ts';

type AssertionDeps = {
  readonly store: Pick<Store, 'write' | 'spentProofs'>;
  readonly clock: Clock;
  readonly issuerUrl: string;
};

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const longestLifeSeconds = 300;
/** Clients' clocks differ from ours; how far ahead `exp` may lie is not stretched by it. */
const leewaySeconds = 10;

/** Whom an assertion speaks of, not proven yet. undefined: it cannot be read. */
export function readSubject(assertion: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const subject = typeof claims === 'object' && claims !== null && 'sub' in claims ? claims.sub : undefined;
    return typeof subject === 'string' ? subject : undefined;
  } catch {
    return undefined;
  }
}

/**
 * RFC 7523 §3: signed by a key of the client, about and by itself, for us alone, for minutes, once. Answers what is wrong
 * with it, for the log, or undefined. The algorithm is the key's, never the assertion's.
 */
export async function findAssertionProblem(
  { store, clock, issuerUrl }: AssertionDeps,
  client: Client,
  assertion: string,
): Promise<string | undefined> {
  const now = clock.now();
  // RFC 9126 §2: whichever of our addresses a client takes for our name.
  const audiences = [issuerUrl, `${issuerUrl}oauth/token`, `${issuerUrl}oauth/par`];
  let problem = 'no key of the client fits';
  for (const credential of client.credentials.filter((candidate) => isUsable(candidate, now))) {
    try {
      const { payload } = await jwtVerify(assertion, keyOf(credential), {
        algorithms: [credential.algorithm],
        issuer: client.id,
        subject: client.id,
        audience: audiences,
        requiredClaims: ['exp', 'jti'],
        clockTolerance: leewaySeconds,
        currentDate: now,
      });
      return await findClaimProblem({ store }, client, { payload, now });
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      problem = `${error.code} ${error.message}`;
    }
  }
  return problem;
}

const isUsable = ({ expiresAt, isDetached }: ClientCredential, now: Date): boolean =>
  isDetached !== true && (expiresAt === undefined || new Date(expiresAt) > now);

const keyOf = ({ publicJwk }: ClientCredential) => createPublicKey({ key: { ...publicJwk }, format: 'jwk' });

async function findClaimProblem(
  { store }: Pick<AssertionDeps, 'store'>,
  client: Client,
  { payload, now }: { readonly payload: JWTPayload; readonly now: Date },
): Promise<string | undefined> {
  const { aud, exp, iat, jti } = payload;
  const nowSeconds = toEpochSeconds(now);
  // More than one audience could use the assertion with each other.
  if (Array.isArray(aud) && aud.length !== 1) return 'several audiences';
  if (exp === undefined || exp > nowSeconds + longestLifeSeconds) return 'exp is too far ahead';
  if (iat !== undefined && iat > nowSeconds + leewaySeconds) return 'iat is in the future';
  if (typeof jti !== 'string' || jti === '' || jti.length > 255) return 'jti is not text of 1 to 255 characters';
  const proofHash = hash('sha256', JSON.stringify(['assertion', client.id, jti]), 'base64url') as HandleHash;
  const expiresAt = addSeconds(new Date(exp * 1000), leewaySeconds);
  const isFirst = await store.write(store.spentProofs.spend(proofHash, expiresAt));
  return isFirst ? undefined : 'jti was used before';
}
