import { expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { startBroker } from '../support/broker.ts';
import { useWorld } from '../support/databases.ts';
import { authorizeUrl, callback } from '../support/world.ts';

/*
 * A sign-in that does not begin at the application (OpenID Connect Core §4): we know where it is to begin.
 */

const getWorld = useWorld({
  change(seed) {
    const [first] = seed.clients;
    if (first !== undefined) first.initiate_login_uri = 'https://app.example.com/login?from=portico';
  },
});

test('oidcc-3rd_party-init-login', async () => {
  const { broker } = getWorld();
  const agent = createAgent();
  // A sign-in that nobody finished: it begins anew at the application, which is told who we are.
  const page = await agent.follow(authorizeUrl(getWorld(), { connection: undefined }), callback);
  broker.clock.advance(3600);
  const lost = await agent.get(page.url);
  const href = /href="(https:\/\/app\.example\.com\/login[^"]*)"/.exec(lost.body)?.[1]?.replaceAll('&amp;', '&');
  const { searchParams } = new URL(href ?? `missing: ${lost.body}`);
  expect(Object.fromEntries(searchParams)).toEqual({ from: 'portico', iss: broker.issuerUrl });
});

test('oidcc-3rd_party-init-login-nohttps', async () => {
  const start = (initiateLoginUri: string) => {
    const client = { client_id: 'initiated', name: 'Initiated', app_type: 'spa' as const };
    return startBroker({ seed: { clients: [{ ...client, initiate_login_uri: initiateLoginUri }] } });
  };
  await expect(start('http://app.example.com/login')).rejects.toThrow('initiate_login_uri');
  await expect(start('http://localhost.example.com/login')).rejects.toThrow('initiate_login_uri');
  // On this machine there is no wire to listen on.
  await (await start('http://localhost:3000/login')).close();
});
