import { afterEach, expect, test, vi } from 'vitest';
import { useWorld } from '../support/databases.ts';
import { authorizeUrl, postToken, redeem, signIn, webSecret } from '../support/world.ts';

const getWorld = useWorld();
afterEach(() => vi.restoreAllMocks());

test('a tenant without Actions and Rules pays nothing for them: no read more, and one write per answer', async () => {
  const { store } = getWorld().broker;
  const { agent } = await signIn(getWorld());
  const reads = vi.spyOn(store.identities, 'listByUser');
  const changes = vi.spyOn(store.users, 'changeMetadata');
  const writes = vi.spyOn(store, 'writeAll');
  const silent = await agent.get(authorizeUrl(getWorld(), { prompt: 'none', scope: 'openid offline_access' }));
  expect(writes).toHaveBeenCalledTimes(1);
  const code = new URL(silent.location ?? 'missing:').searchParams.get('code') ?? '';
  const { body } = await redeem(getWorld(), code);
  const refreshed = await postToken(getWorld(), {
    grant_type: 'refresh_token',
    client_id: 'web',
    client_secret: webSecret,
    refresh_token: String(body.refresh_token),
  });
  expect(refreshed.status).toBe(200);
  expect([reads.mock.calls, changes.mock.calls]).toEqual([[], []]);
});
