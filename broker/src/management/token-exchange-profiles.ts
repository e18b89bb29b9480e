import { ApiError } from '../core/errors.ts';
import type { ActionId } from '../core/ids.ts';
import { problemOfSubjectTokenType, type TokenExchangeProfile } from '../core/token-exchange.ts';
import {
  tokenExchangeProfileAnswer,
  tokenExchangeProfileList,
} from '../wire/management/answers/token-exchange-profile.ts';
import {
  newTokenExchangeProfileWire,
  tokenExchangeProfileChangesWire,
  tokenExchangeProfileToWire as toWire,
} from '../wire/management/token-exchange-profiles.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';
import { checkpointParameters, pageOf, querySchema } from './paging.ts';
import { validationError } from './problems.ts';

const listQuery = querySchema(checkpointParameters);

/** `/token-exchange-profiles`: which Action decides about subject tokens of a type. */
export function tokenExchangeProfileEndpoints(deps: ManagementDeps): readonly Endpoint[] {
  const { store, clock, random, audit } = deps;
  return [
    endpoint({
      method: 'GET',
      path: '/token-exchange-profiles',
      summary: 'List token exchange profiles',
      scopes: anyOf('read:token_exchange_profiles'),
      query: listQuery,
      result: tokenExchangeProfileList,
      answers: [200],
      async handle({ query }) {
        const profiles = (await store.tokenExchangeProfiles.list()).map(toWire);
        // Auth0: an object with a cursor, also for a caller who asks for no page.
        const paging = { take: 50, ...query };
        return {
          status: 200,
          body: pageOf(profiles, paging, { key: 'token_exchange_profiles', idOf: ({ id }) => id }),
        };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/token-exchange-profiles',
      summary: 'Create a token exchange profile',
      scopes: anyOf('create:token_exchange_profiles'),
      body: newTokenExchangeProfileWire,
      result: tokenExchangeProfileAnswer,
      answers: [201, 400, 409],
      async handle(call) {
        const { name, subject_token_type: subjectTokenType, action_id: actionId } = call.body;
        checkType(subjectTokenType);
        await checkAction(deps, actionId);
        const now = clock.now();
        const profile = {
          id: random.id('tep_'),
          name,
          subjectTokenType,
          actionId: actionId as ActionId,
          createdAt: now,
          updatedAt: now,
        };
        await store.writeAll([
          store.tokenExchangeProfiles.create(profile),
          audit(call, 'Create a token exchange profile'),
        ]);
        return { status: 201, body: toWire(profile) };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/token-exchange-profiles/:id',
      summary: 'Get a token exchange profile',
      scopes: anyOf('read:token_exchange_profiles'),
      result: tokenExchangeProfileAnswer,
      answers: [200, 404],
      handle: async ({ path }) => ({ status: 200, body: toWire(await getProfile(deps, path.id)) }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/token-exchange-profiles/:id',
      summary: 'Change the name or the type of subject tokens of a profile',
      scopes: anyOf('update:token_exchange_profiles'),
      body: tokenExchangeProfileChangesWire,
      result: tokenExchangeProfileAnswer,
      answers: [200, 400, 404, 409],
      handle: (call) =>
        store.exclusively(`token exchange profile ${call.path.id}`, async () => {
          const known = await getProfile(deps, call.path.id);
          const { name = known.name, subject_token_type: subjectTokenType = known.subjectTokenType } = call.body;
          checkType(subjectTokenType);
          const profile = { ...known, name, subjectTokenType, updatedAt: clock.now() };
          await store.writeAll([
            store.tokenExchangeProfiles.update(profile),
            audit(call, 'Update a token exchange profile'),
          ]);
          return { status: 200, body: toWire(profile) };
        }),
    }),
    endpoint({
      method: 'DELETE',
      path: '/token-exchange-profiles/:id',
      summary: 'Delete a token exchange profile',
      scopes: anyOf('delete:token_exchange_profiles'),
      answers: [204],
      async handle(call) {
        await store.writeAll([
          store.tokenExchangeProfiles.delete(String(call.path.id)),
          audit(call, 'Delete a token exchange profile'),
        ]);
        return { status: 204 };
      },
    }),
  ];
}

async function getProfile({ store }: ManagementDeps, id: string | undefined): Promise<TokenExchangeProfile> {
  const profile = (await store.tokenExchangeProfiles.list()).find((candidate) => candidate.id === id);
  if (profile !== undefined) return profile;
  throw new ApiError(404, 'The token exchange profile does not exist');
}

function checkType(subjectTokenType: string): void {
  const problem = problemOfSubjectTokenType(subjectTokenType);
  if (problem === undefined) return;
  throw validationError('Payload', [`'The value ${problem}' on property subject_token_type`]);
}

async function checkAction({ store }: ManagementDeps, id: string): Promise<void> {
  const action = (await store.actions.list()).find((candidate) => candidate.id === id);
  if (action?.trigger === 'custom-token-exchange') return;
  throw new ApiError(400, 'The action does not exist, or does not support the custom-token-exchange trigger', {
    code: 'invalid_body',
  });
}
