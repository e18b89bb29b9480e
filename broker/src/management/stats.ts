import { addSeconds } from '../core/clock.ts';
import type { ManagementDeps } from './deps.ts';
import { anyOf, type Endpoint, endpoint } from './endpoint.ts';

const thirtyDaysSeconds = 2_592_000;

/** `/stats` (contract: management API §5.4). */
export function statsEndpoints({ store, clock }: ManagementDeps): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/stats/active-users',
      summary: 'Tell how many users have signed in during the last 30 days',
      scopes: anyOf('read:stats'),
      answers: [200],
      handle: async () => ({
        status: 200,
        body: await store.users.countActive(addSeconds(clock.now(), -thirtyDaysSeconds)),
      }),
    }),
  ];
}
