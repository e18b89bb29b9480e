import { setImmediate as nextTurn } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';
import type { UserId } from '../core/ids.ts';
import type { RefreshToken } from '../core/session.ts';
import { deviceCredentialList } from '../wire/management/answers/session.ts';
import { deviceCredentialToWire } from '../wire/management/session-object.ts';
import type { ManagementDeps } from './deps.ts';
import { endAccess, tokenEnds } from './end-access.ts';
import { type Acting, anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { fieldParameters, pageOf, pickFields, querySchema } from './paging.ts';

/** Auth0: no more than so many at all. */
const most = 1_000;
/** Rows of one statement, where nobody says whose. */
const chunk = 1_000;

const listQuery = querySchema({
  ...fieldParameters,
  page: Type.Optional(Type.Integer({ minimum: 0, maximum: most })),
  per_page: Type.Optional(Type.Integer({ minimum: 0, maximum: most })),
  include_totals: Type.Optional(Type.Boolean()),
  user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
  client_id: Type.Optional(Type.String({ maxLength: 64 })),
  type: Type.Optional(
    Type.Union([Type.Literal('public_key'), Type.Literal('refresh_token'), Type.Literal('rotating_refresh_token')]),
  ),
});

const forAnyone = 'delete:device_credentials';

/** `/device-credentials`: refresh tokens as the devices that people have signed in on. There are no public keys. */
export function deviceCredentialEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/device-credentials',
      summary: 'List refresh tokens by device; without a type those that do not rotate',
      scopes: anyOf('read:device_credentials'),
      query: listQuery,
      result: deviceCredentialList,
      answers: [200],
      async handle({ query }) {
        const { user_id: userId, client_id: clientId, type = 'refresh_token' } = query;
        const isMeant = (token: RefreshToken) =>
          (clientId === undefined || token.clientId === clientId) &&
          type === (token.isRotating === true ? 'rotating_refresh_token' : 'refresh_token');
        const tokens = type === 'public_key' ? [] : await findTokens(deps, userId as UserId | undefined, isMeant);
        const shown = tokens.map((token) => pickFields(deviceCredentialToWire(token), query));
        return { status: 200, body: pageOf(shown, query, { key: 'device_credentials', idOf: String }) };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/device-credentials/:id',
      summary: 'End the refresh token of a device',
      scopes: anyOf(forAnyone, 'delete:current_user_device_credentials'),
      answers: [204],
      async handle(call) {
        const [token] = await deps.store.refreshTokens.listByIds([call.path.id ?? '']);
        checkOwner(call, token);
        const ends = token === undefined ? [] : tokenEnds(deps, [token]);
        await endAccess(deps, call, { ends, userId: token?.userId, description: 'Delete a device credential' });
        return { status: 204 };
      },
    }),
  ];
}

async function findTokens(
  { store, clock }: ManagementDeps,
  userId: UserId | undefined,
  isMeant: (token: RefreshToken) => boolean,
): Promise<readonly RefreshToken[]> {
  const now = clock.now();
  if (userId !== undefined) return (await store.refreshTokens.listByUser(userId, now)).filter(isMeant);
  const found: RefreshToken[] = [];
  for (let after: string | undefined; ; ) {
    const tokens = await store.refreshTokens.listAfter(after, chunk);
    found.push(...tokens.filter((token) => isUsable(token, now) && isMeant(token)));
    if (tokens.length < chunk || found.length >= most) return found.slice(0, most);
    after = tokens.at(-1)?.id;
    await nextTurn();
  }
}

const isUsable = ({ consumedAt, expiresAt, idleExpiresAt }: RefreshToken, now: Date): boolean =>
  consumedAt === undefined && [expiresAt, idleExpiresAt].every((end) => end === undefined || end > now);

/** A person's own scope is for their own; whether there is such a token of somebody else's is not told. */
function checkOwner({ caller }: Acting, token: RefreshToken | undefined): void {
  if (caller.scopes.has(forAnyone) || caller.subject === token?.userId) return;
  throw new ApiError(403, 'User to be acted on does not match subject in bearer token.', {
    code: 'insufficient_scope',
  });
}
