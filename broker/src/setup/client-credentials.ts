import type { ClientCredential } from '../core/client.ts';
import { ConfigError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import { readCredential } from '../wire/management/client-credentials.ts';
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
