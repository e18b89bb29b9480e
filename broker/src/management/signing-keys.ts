import type { Clock } from '../core/clock.ts';
import { ApiError } from '../core/errors.ts';
import { listSigningKeys, revokeSigningKey, rotateSigningKeys } from '../setup/signing-keys.ts';
import { certifiedKeyAnswer, signingKeyAnswer, signingKeyList } from '../wire/management/answers/signing-key.ts';
import { certifiedKeyToWire, signingKeyToWire } from '../wire/management/signing-keys.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';

/** `/keys/signing`: what tokens are signed with (contract: management API §5.4). A revoked key is gone from the list. */
export function signingKeyEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, clock, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/keys/signing',
      summary: 'List signing keys: next, current, previous',
      scopes: anyOf('read:signing_keys'),
      result: signingKeyList,
      answers: [200],
      handle: async () => ({ status: 200, body: (await listSigningKeys(store)).map(signingKeyToWire) }),
    }),
    endpoint({
      method: 'GET',
      path: '/keys/signing/:kid',
      summary: 'Get a signing key',
      scopes: anyOf('read:signing_keys'),
      result: signingKeyAnswer,
      answers: [200, 404],
      handle: async ({ path }) => ({ status: 200, body: signingKeyToWire(await getKey(deps, path.kid)) }),
    }),
    endpoint({
      method: 'POST',
      path: '/keys/signing/rotate',
      summary: 'Sign with the next key from now on',
      scopes: [['create:signing_keys'], ['update:signing_keys']],
      result: certifiedKeyAnswer,
      answers: [201, 429],
      async handle(call) {
        const rotation = await rotateSigningKeys({ ...deps, also: [audit(call, 'Rotate the signing keys')] });
        if (rotation.kind === 'no-keys') throw new Error('the tenant has no keys: setup has not run');
        if (rotation.kind === 'too-early') throw tooEarly(rotation.until, clock);
        return { status: 201, body: certifiedKeyToWire(rotation.signing) };
      },
    }),
    endpoint({
      method: 'PUT',
      path: '/keys/signing/:kid/revoke',
      summary: 'Revoke a signing key: nothing that it has signed is valid any more',
      scopes: anyOf('update:signing_keys'),
      result: certifiedKeyAnswer,
      answers: [200, 400, 404],
      async handle(call) {
        const key = await getKey(deps, call.path.kid);
        const revocation = await revokeSigningKey({ ...deps, also: [audit(call, 'Revoke a signing key')] }, key.id);
        if (revocation === 'unknown') throw unknownKey();
        if (revocation === 'current') {
          throw new ApiError(400, 'The current signing key cannot be revoked. Rotate first.', { code: 'invalid_uri' });
        }
        return { status: 200, body: certifiedKeyToWire(key) };
      },
    }),
  ];
}

async function getKey({ store }: ManagementDeps, kid: string | undefined) {
  const key = (await listSigningKeys(store)).find(({ id }) => id === kid);
  if (key !== undefined) return key;
  throw unknownKey();
}

const unknownKey = () => new ApiError(404, 'The signing key does not exist', { code: 'inexistent_signing_key' });

/** Auth0 limits rotations, too; here the limit is that everybody has to have heard of the next key. */
function tooEarly(until: Date, clock: Clock): ApiError {
  const seconds = Math.max(1, Math.ceil((until.getTime() - clock.now().getTime()) / 1000));
  return new ApiError(429, 'The next signing key is too new: somebody may not know it yet', {
    code: 'too_many_requests',
    headers: { 'retry-after': String(seconds) },
  });
}
