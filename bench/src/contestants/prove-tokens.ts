import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { type CodeFlow, signIn } from '../load/code-flow.ts';
import type { HttpClient } from '../load/http-client.ts';
import { benchClient } from './bench-client.ts';
import type { Issuer } from './issuer.ts';
import { signInScope } from './sign-in-lane.ts';

/** Before anything is timed: both tokens of one sign-in are RS256, made with a 2048-bit key that the issuer publishes. */
export async function proveTokens(http: HttpClient, issuer: Issuer, flow: CodeFlow): Promise<void> {
  const tokens = await signIn(http, flow, benchClient, signInScope);
  const answer = await http.request('GET', issuer.jwksUrl, {});
  const { keys } = JSON.parse(answer.body) as { keys: readonly (JsonWebKey & { kid?: string })[] };
  for (const jwt of [tokens.access_token, tokens.id_token]) {
    const [head = '', claims = '', signature = ''] = jwt.split('.');
    const { alg, kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
    const jwk = keys.find((key) => key.kid === kid);
    if (alg !== 'RS256' || !jwk) throw new Error(`${issuer.name} signed with ${alg} and key ${kid}`);
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    if (key.asymmetricKeyDetails?.modulusLength !== 2048) throw new Error(`${issuer.name} has no 2048-bit key`);
    const isProven = verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'));
    if (!isProven) throw new Error(`${issuer.name} gave a token whose signature is wrong`);
  }
}
