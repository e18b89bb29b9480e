import type { JsonObject } from '../../core/json.ts';
import type { Snapshot } from '../../tenant/directory.ts';
import { readClaims, verifyJwtWithSecret, verifyOwnJwt } from '../jwt.ts';
import type { KeySet } from '../keys.ts';
import type { TokenSecrets } from '../token-secrets.ts';

type HintDeps = {
  readonly tenant: Snapshot;
  readonly keySet: KeySet;
  readonly secrets: TokenSecrets;
  readonly issuerUrl: string;
};

/**
 * The claims of an ID token that we gave, however old: signed by a key of ours, or with the secret of the client that it is
 * for, if that client has HS256. undefined: it is none.
 */
export function readIdTokenHint(deps: HintDeps, hint: string): (JsonObject & { readonly aud: string }) | undefined {
  const claims = verifyOwnJwt(deps.keySet, hint) ?? verifyWithSecretOfClient(deps, hint);
  const { iss, aud } = claims ?? {};
  return iss === deps.issuerUrl && typeof aud === 'string' ? { ...claims, aud } : undefined;
}

function verifyWithSecretOfClient({ tenant, secrets }: HintDeps, hint: string): JsonObject | undefined {
  const { aud: clientId } = readClaims(hint) ?? {};
  const client = typeof clientId === 'string' ? tenant.findClient(clientId) : undefined;
  const secret = client?.idTokenAlgorithm === 'HS256' ? secrets.ofClient(client) : undefined;
  return secret === undefined ? undefined : verifyJwtWithSecret(secret, hint);
}
