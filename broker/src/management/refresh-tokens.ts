import { Type } from '@sinclair/typebox';
import { ApiError } from '../core/errors.ts';
import type { ClientId, UserId } from '../core/ids.ts';
import type { RefreshToken } from '../core/session.ts';
import type { WaitingCodes } from '../store/store.ts';
import { refreshTokenAnswer, refreshTokenList, refreshTokenPage } from '../wire/management/answers/session.ts';
import { acceptedAnswer } from '../wire/management/answers/shapes.ts';
import {
  metadataFromWire,
  type RevokedTokens,
  refreshTokenChangesWire,
  refreshTokenToWire,
  revokedTokensWire,
} from '../wire/management/session-object.ts';
import type { ManagementDeps } from './deps.ts';
import { accepted, codeEnds, endAccess, everyTokenOf, tokenEnds } from './end-access.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { getUser } from './get-user.ts';
import { checkpointParameters, cursorOrTotals, fieldParameters, pageById, pickFields, querySchema } from './paging.ts';
import { validationError } from './problems.ts';

/** Refresh tokens of a user, and one by its id. What is deleted takes its family along, and access tokens at /userinfo. */
export function refreshTokenEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, clock, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/users/:user_id/refresh-tokens',
      summary: 'List the refresh tokens of a user',
      scopes: anyOf('read:refresh_tokens'),
      query: cursorOrTotals,
      result: refreshTokenList,
      answers: [200, 404],
      async handle({ path, query }) {
        const user = await getUser(deps, path.user_id);
        const tokens = await store.refreshTokens.listByUser(user.id, clock.now());
        return { status: 200, body: pageById(tokens, query, { key: 'tokens', show: refreshTokenToWire }) };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/users/:user_id/refresh-tokens',
      summary: 'End every refresh token of a user',
      scopes: anyOf('delete:refresh_tokens'),
      result: acceptedAnswer,
      answers: [202, 404],
      async handle(call) {
        const user = await getUser(deps, call.path.user_id);
        const tokens = await everyTokenOf(deps, user.id);
        const ends = [...codeEnds(deps, { userId: user.id }), ...tokenEnds(deps, tokens)];
        await endAccess(deps, call, { ends, userId: user.id, description: 'End the refresh tokens of a user' });
        return accepted;
      },
    }),
    endpoint({
      method: 'GET',
      path: '/refresh-tokens',
      summary: 'List the refresh tokens of a user, of one application or of all',
      scopes: anyOf('read:refresh_tokens'),
      query: querySchema({
        ...checkpointParameters,
        ...fieldParameters,
        user_id: Type.String({ minLength: 1, maxLength: 300 }),
        client_id: Type.Optional(Type.String({ maxLength: 64 })),
      }),
      result: refreshTokenPage,
      answers: [200, 404],
      async handle({ query }) {
        const { user_id: userId, client_id: clientId } = query;
        const user = await getUser(deps, userId);
        const tokens = await tokensOf(deps, { userId: user.id, clientId });
        const show = (token: RefreshToken) => pickFields(refreshTokenToWire(token), query);
        return { status: 200, body: pageById(tokens, query, { key: 'refresh_tokens', show }) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/refresh-tokens/revoke',
      summary: 'End refresh tokens by their ids, or those of a user',
      scopes: anyOf('delete:refresh_tokens'),
      body: revokedTokensWire,
      result: acceptedAnswer,
      answers: [202, 400],
      async handle(call) {
        const { tokens, waiting } = await meantBy(deps, call.body);
        const userIds = new Set(tokens.map(({ userId }) => userId));
        const [onlyOne] = userIds.size === 1 ? userIds : [];
        const ends = [...(waiting === undefined ? [] : codeEnds(deps, waiting)), ...tokenEnds(deps, tokens)];
        const userId = waiting?.userId ?? onlyOne;
        await endAccess(deps, call, { ends, userId, description: 'Revoke refresh tokens' });
        return accepted;
      },
    }),
    endpoint({
      method: 'GET',
      path: '/refresh-tokens/:id',
      summary: 'Get a refresh token, without the token',
      scopes: anyOf('read:refresh_tokens'),
      result: refreshTokenAnswer,
      answers: [200, 404],
      async handle({ path }) {
        return { status: 200, body: refreshTokenToWire(await getToken(deps, path.id ?? '')) };
      },
    }),
    endpoint({
      method: 'PATCH',
      path: '/refresh-tokens/:id',
      summary: 'Replace the metadata of a refresh token',
      scopes: anyOf('update:refresh_tokens'),
      body: refreshTokenChangesWire,
      result: refreshTokenAnswer,
      answers: [200, 400, 404],
      async handle(call) {
        const token = await getToken(deps, call.path.id ?? '');
        const metadata = metadataFromWire(call.body.refresh_token_metadata);
        await store.writeAll([
          store.refreshTokens.putMetadata(token.id, metadata),
          audit(call, 'Update a refresh token', { userId: token.userId }),
        ]);
        return { status: 200, body: refreshTokenToWire({ ...token, metadata }) };
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/refresh-tokens/:id',
      summary: 'End a refresh token',
      scopes: anyOf('delete:refresh_tokens'),
      result: acceptedAnswer,
      answers: [202],
      async handle(call) {
        const token = await store.refreshTokens.findById(call.path.id ?? '');
        const ends = token === undefined ? [] : tokenEnds(deps, [token]);
        await endAccess(deps, call, { ends, userId: token?.userId, description: 'End a refresh token' });
        return accepted;
      },
    }),
  ];
}

async function getToken({ store }: ManagementDeps, id: string): Promise<RefreshToken> {
  const token = await store.refreshTokens.findById(id);
  if (token !== undefined && token.consumedAt === undefined) return token;
  throw new ApiError(404, 'The refresh token does not exist.', { code: 'inexistent_refresh_token' });
}

type Meant = {
  readonly userId: UserId;
  readonly clientId?: string | undefined;
  readonly audience?: string | undefined;
};

async function tokensOf(deps: ManagementDeps, { userId, clientId, audience }: Meant) {
  const tokens = await everyTokenOf(deps, userId);
  return tokens.filter(
    (token) =>
      (clientId === undefined || token.clientId === clientId) &&
      (audience === undefined || token.audience === audience),
  );
}

type Revoked = { readonly tokens: readonly RefreshToken[]; readonly waiting: WaitingCodes | undefined };

/** Auth0: ids alone, or a person, whom an application narrows down, and that an audience. */
async function meantBy(deps: ManagementDeps, body: RevokedTokens): Promise<Revoked> {
  const { ids, user_id: userId, client_id: clientId, audience } = body;
  if (ids !== undefined) {
    if (Object.keys(body).length > 1) throw invalidBody('ids cannot be combined with other properties');
    return { tokens: await deps.store.refreshTokens.listByIds(ids), waiting: undefined };
  }
  if (userId === undefined) throw invalidBody('ids or user_id is required');
  if (audience !== undefined && clientId === undefined) throw invalidBody('audience must come with client_id');
  const meant = { userId: userId as UserId, clientId: clientId as ClientId | undefined, audience };
  return { tokens: await tokensOf(deps, meant), waiting: meant };
}

const invalidBody = (problem: string): ApiError => validationError('Payload', [`'${problem}'`]);
