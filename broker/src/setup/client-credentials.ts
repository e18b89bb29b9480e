import type { ClientCredential } from '../core/client.ts';
import { readClientKey } from '../core/client-key.ts';
import { ConfigError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Random } from '../core/random.ts';
import type { ClientCredentialWire } from '../wire/management/client-credentials.ts';
import type { ClientWire } from '../wire/management/clients.ts';

type Making = { readonly random: Random; readonly now: Date };

/** The keys of every client of the seed, by client id. Throws ConfigError with all that cannot be used. */
export function readClientCredentials(
  clients: readonly ClientWire[],
  making: Making,
): ReadonlyMap<string, readonly ClientCredential[]> {
  const problems: string[] = [];
  const byClient = clients.map(({ client_id: id, client_authentication_methods: methods }) => {
    const made = (methods?.private_key_jwt.credentials ?? []).map((wire) => readCredential(wire, making));
    problems.push(
      ...made.flatMap((credential, index) =>
        typeof credential === 'string' ? [`seed file, client ${id}: credential ${index + 1} ${credential}`] : [],
      ),
    );
    return [id, made.filter((credential) => typeof credential !== 'string')] as const;
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return new Map(byClient);
}

function readCredential(wire: ClientCredentialWire, { random, now }: Making): ClientCredential | string {
  const { pem, jwk } = wire;
  const key = readClientKey({
    ...(pem === undefined ? {} : { pem }),
    ...(jwk === undefined ? {} : { jwk: jwk as JsonObject }),
  });
  if (typeof key === 'string') return key;
  const expiresAt =
    wire.expires_at === undefined && wire.parse_expiry_from_cert === true
      ? key.certificateExpiresAt
      : toDate(wire.expires_at);
  if (expiresAt !== undefined && Number.isNaN(expiresAt.getTime())) return 'has an expires_at that is no time';
  return {
    id: random.id('cred_'),
    name: wire.name ?? '',
    keyId: key.keyId,
    algorithm: wire.alg ?? 'RS256',
    publicJwk: key.publicJwk,
    createdAt: now.toISOString(),
    expiresAt: expiresAt?.toISOString(),
  };
}

const toDate = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
