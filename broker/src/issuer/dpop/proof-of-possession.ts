import type { Client } from '../../core/client.ts';
import type { Clock } from '../../core/clock.ts';
import { OAuthError } from '../../core/errors.ts';
import { type HttpRequest, header } from '../../http/route.ts';
import type { Store } from '../../store/store.ts';
import type { Keys } from '../keys.ts';
import { isNonceOf, nonceAt } from './nonces.ts';
import { invalidProof, readProof } from './read-proof.ts';

/** RFC 9449: what a request proves about the key that its tokens are, or will be, bound to. */
export type ProofOfPossession = {
  /**
   * The thumbprint of the key whose proof came with a request of this client; undefined: there is no proof, and the client
   * need not have one. Throws OAuthError.
   */
  verify(request: HttpRequest, client: Client): Promise<string | undefined>;
  /** The same where the proof comes with an access token. `url` is the address without its query. */
  verifyWithToken(request: HttpRequest, url: string, accessToken: string): Promise<string>;
  /** The header that tells a client which nonce to use next. */
  nonceHeader(): Promise<Readonly<Record<string, string>>>;
};

type ProofDeps = {
  readonly store: Pick<Store, 'write' | 'spentProofs'>;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly issuerUrl: string;
};

export function createProofOfPossession({ store, keys, clock, issuerUrl }: ProofDeps): ProofOfPossession {
  const nonceHeader = async () => ({ 'dpop-nonce': nonceAt((await keys.read()).nonceKey, clock.now()) });

  async function verifyProof(
    request: HttpRequest,
    target: { readonly url: string; readonly accessToken?: string; readonly needsNonce: boolean },
  ): Promise<string> {
    const jwt = header(request, 'dpop');
    if (jwt === undefined) throw invalidProof('it is missing');
    const now = clock.now();
    const proof = await readProof(jwt, { ...target, method: request.method, now });
    const { nonceKey } = await keys.read();
    const isRightNonce = proof.nonce === undefined ? !target.needsNonce : isNonceOf(nonceKey, proof.nonce, now);
    if (!isRightNonce) {
      throw new OAuthError('use_dpop_nonce', 'Authorization server requires nonce in DPoP proof', {
        headers: await nonceHeader(),
      });
    }
    // Last, so that a proof that is refused for something else can be sent again where it belongs.
    const isFirst = await store.write(store.spentProofs.spend(proof.proofHash, proof.expiresAt));
    if (!isFirst) throw invalidProof('it was used before');
    return proof.thumbprint;
  }

  return {
    async verify(request, client) {
      if (request.headers.dpop === undefined) {
        if (!client.requiresProofOfPossession) return undefined;
        throw invalidProof('it is missing');
      }
      // Auth0: a public client must show that its proof is fresh; another one has proven itself in this request.
      const needsNonce = client.authMethod === 'none';
      return verifyProof(request, { url: `${issuerUrl}${request.path.slice(1)}`, needsNonce });
    },
    verifyWithToken: (request, url, accessToken) => verifyProof(request, { url, accessToken, needsNonce: false }),
    nonceHeader,
  };
}
