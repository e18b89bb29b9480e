import { Type } from '@sinclair/typebox';
import type { Client, ClientCredential } from '../core/client.ts';
import { ApiError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import { credentialAnswer, credentialList } from '../wire/management/answers/client.ts';
import {
  type ClientCredentialWire,
  clientCredentialWire,
  readCredential,
} from '../wire/management/client-credentials.ts';
import { getClient } from './clients.ts';
import type { ManagementDeps } from './deps.ts';
import { type Acting, anyOf, type Endpoint, endpoint } from './endpoint.ts';

const changes = Type.Object(
  { expires_at: Type.Union([Type.String({ maxLength: 64, pattern: '^\\d{4}-\\d\\d-\\d\\dT' }), Type.Null()]) },
  { additionalProperties: false },
);

/** `kid` may be said, as on Auth0; ours is the thumbprint of the key, whatever is said. */
const newCredential = Type.Object(
  { ...clientCredentialWire.properties, kid: Type.Optional(Type.String({ maxLength: 128 })) },
  { additionalProperties: false },
);

/** `/clients/:id/credentials`: the public keys that an application proves itself with (private_key_jwt). */
export function clientCredentialEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { clock, random } = deps;
  const path = '/clients/:id/credentials';
  const one = `${path}/:credential_id`;
  return [
    endpoint({
      method: 'GET',
      path,
      summary: 'List the keys of an application',
      scopes: anyOf('read:client_credentials'),
      result: credentialList,
      answers: [200, 404],
      async handle(call) {
        const { credentials } = await getClient(deps, call.path.id);
        return { status: 200, body: credentials.map(toWire) };
      },
    }),
    endpoint({
      method: 'POST',
      path,
      summary: 'Add a key to an application',
      scopes: anyOf('create:client_credentials'),
      body: newCredential,
      result: credentialAnswer,
      answers: [201, 400, 404],
      async handle(call) {
        const credential = makeCredential(call.body, { random, now: clock.now() });
        await changeCredentials(deps, call, { id: call.path.id, apply: (known) => [...known, credential] });
        return { status: 201, body: toWire(credential) };
      },
    }),
    endpoint({
      method: 'GET',
      path: one,
      summary: 'Get a key of an application',
      scopes: anyOf('read:client_credentials'),
      result: credentialAnswer,
      answers: [200, 404],
      async handle(call) {
        const { credentials } = await getClient(deps, call.path.id);
        return { status: 200, body: toWire(getCredential(credentials, call.path.credential_id)) };
      },
    }),
    endpoint({
      method: 'PATCH',
      path: one,
      summary: 'Change when a key of an application ends',
      scopes: anyOf('update:client_credentials'),
      body: changes,
      result: credentialAnswer,
      answers: [200, 404],
      async handle(call) {
        const { expires_at: expiresAt } = call.body;
        const { credentials } = await getClient(deps, call.path.id);
        const changed = { ...getCredential(credentials, call.path.credential_id), expiresAt: expiresAt ?? undefined };
        await changeCredentials(deps, call, {
          id: call.path.id,
          apply: (known) => known.map((credential) => (credential.id === changed.id ? changed : credential)),
        });
        return { status: 200, body: toWire(changed) };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: one,
      summary: 'Take a key from an application',
      scopes: anyOf('delete:client_credentials'),
      answers: [204, 404],
      async handle(call) {
        await changeCredentials(deps, call, {
          id: call.path.id,
          apply: (known) => known.filter(({ id }) => id !== call.path.credential_id),
        });
        return { status: 204 };
      },
    }),
  ];
}

/** Throws ApiError 400 for a key that cannot be used. */
export function makeCredential(
  wire: ClientCredentialWire,
  making: { readonly random: Random; readonly now: Date },
): ClientCredential {
  const credential = readCredential(wire, making);
  if (typeof credential !== 'string') return credential;
  throw new ApiError(400, `Payload validation error: 'The credential ${credential}'.`, { code: 'invalid_body' });
}

type Change = {
  readonly id: string | undefined;
  readonly apply: (known: readonly ClientCredential[]) => readonly ClientCredential[];
};

async function changeCredentials(deps: ManagementDeps, call: Acting, { id, apply }: Change): Promise<void> {
  const { store, audit, clock } = deps;
  await store.exclusively(`client ${id}`, async () => {
    const known = await getClient(deps, id);
    const client: Client = { ...known, credentials: apply(known.credentials), updatedAt: clock.now() };
    await store.writeAll([store.clients.update(client), audit(call, 'Change the keys of an application')]);
  });
}

function getCredential(credentials: readonly ClientCredential[], id: string | undefined): ClientCredential {
  const credential = credentials.find((candidate) => candidate.id === id);
  if (credential !== undefined) return credential;
  throw new ApiError(404, 'The credential does not exist', { code: 'inexistent_credential' });
}

const toWire = (credential: ClientCredential) => ({
  id: credential.id,
  name: credential.name,
  kid: credential.keyId,
  alg: credential.algorithm,
  credential_type: 'public_key',
  created_at: credential.createdAt,
  ...(credential.expiresAt === undefined ? {} : { expires_at: credential.expiresAt }),
});
