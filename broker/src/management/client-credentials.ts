import { Type } from '@sinclair/typebox';
import type { Client, ClientCredential } from '../core/client.ts';
import { ApiError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import { credentialAnswer, credentialList } from '../wire/management/answers/client.ts';
import {
  type ClientCredentialWire,
  clientCredentialWire,
  credentialToWire,
  readCredential,
} from '../wire/management/client-credentials.ts';
import { detach, isDetached } from './attach-keys.ts';
import { getClient } from './clients.ts';
import type { ManagementDeps } from './deps.ts';
import { type Acting, anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { offsetParameters, querySchema } from './paging.ts';
import { validationError } from './problems.ts';

const changes = Type.Object(
  { expires_at: Type.Union([Type.String({ maxLength: 64, pattern: '^\\d{4}-\\d\\d-\\d\\dT' }), Type.Null()]) },
  { additionalProperties: false },
);

const maxCredentials = 10;

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
      // go-auth0 asks every list for a page; this one has no pages.
      query: querySchema(offsetParameters),
      result: credentialList,
      answers: [200, 404],
      async handle(call) {
        const { credentials } = await getClient(deps, call.path.id);
        return { status: 200, body: credentials.map(credentialToWire) };
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
        const credential = detach(makeCredential(call.body, { random, now: clock.now() }));
        await changeCredentials(deps, call, {
          id: call.path.id,
          apply(known) {
            checkNew(known, credential);
            return [...known, credential];
          },
        });
        return { status: 201, body: credentialToWire(credential) };
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
        return { status: 200, body: credentialToWire(getCredential(credentials, call.path.credential_id)) };
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
        const ending = { expiresAt: readEnd(call.body.expires_at), updatedAt: clock.now().toISOString() };
        const { credentials } = await changeCredentials(deps, call, {
          id: call.path.id,
          apply(known) {
            const { id } = getCredential(known, call.path.credential_id);
            return known.map((credential) => (credential.id === id ? { ...credential, ...ending } : credential));
          },
        });
        const changed = getCredential(credentials, call.path.credential_id);
        return { status: 200, body: credentialToWire(changed) };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: one,
      summary: 'Take a key from an application',
      scopes: anyOf('delete:client_credentials'),
      answers: [204, 400, 404],
      async handle(call) {
        await changeCredentials(deps, call, {
          id: call.path.id,
          apply(known, { authMethod }) {
            const credential = known.find(({ id }) => id === call.path.credential_id);
            const isInUse = credential !== undefined && authMethod === 'private_key_jwt' && !isDetached(credential);
            if (isInUse) throw stillAttached();
            return known.filter(({ id }) => id !== call.path.credential_id);
          },
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

/** Auth0's words for both; how many it may have is ours. */
function checkNew(known: readonly ClientCredential[], { keyId }: ClientCredential): void {
  const refuse = (message: string) => new ApiError(400, message, { code: 'invalid_body' });
  if (known.length >= maxCredentials) throw refuse(`A client can have a maximum of ${maxCredentials} credentials.`);
  if (known.some((credential) => credential.keyId === keyId)) {
    throw refuse('credentials contains public keys that already exist in client');
  }
}

function readEnd(wire: string | null): string | undefined {
  if (wire === null) return undefined;
  const end = new Date(wire);
  if (!Number.isNaN(end.getTime())) return end.toISOString();
  throw validationError('Payload', [
    `'Object didn't pass validation for format date-time: ${wire}' on property expires_at`,
  ]);
}

const stillAttached = () =>
  new ApiError(400, 'Cannot delete credential still associated with a client', { code: 'invalid_body' });

type Change = {
  readonly id: string | undefined;
  readonly apply: (known: readonly ClientCredential[], client: Client) => readonly ClientCredential[];
};

async function changeCredentials(deps: ManagementDeps, call: Acting, { id, apply }: Change): Promise<Client> {
  const { store, audit, clock } = deps;
  return store.exclusively(`client ${id}`, async () => {
    const known = await getClient(deps, id);
    const client: Client = { ...known, credentials: apply(known.credentials, known), updatedAt: clock.now() };
    await store.writeAll([store.clients.update(client), audit(call, 'Change the keys of an application')]);
    return client;
  });
}

function getCredential(credentials: readonly ClientCredential[], id: string | undefined): ClientCredential {
  const credential = credentials.find((candidate) => candidate.id === id);
  if (credential !== undefined) return credential;
  throw new ApiError(404, 'The credential does not exist', { code: 'inexistent_credential' });
}
