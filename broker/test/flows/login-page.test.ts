import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { readForm, readHandoff } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { answerParameters, authorizeUrl, callback, redeem, type WorldOptions } from '../support/world.ts';

/** `web` has two connections, `one-way` has one, `no-way` has none. */
const change: WorldOptions['change'] = (seed) => {
  const [web] = seed.clients;
  const [mapped] = seed.connections;
  if (web === undefined || mapped === undefined) throw new Error('the seed has both');
  for (const id of ['one-way', 'no-way']) seed.clients.push({ ...web, client_id: id });
  mapped.enabled_clients?.push('one-way');
  mapped.options.icon_url = 'https://cdn.example.com/icon.svg';
};

const buttons = (page: string) =>
  [...page.matchAll(/<button[^>]* name="connection" value="([^"]*)"/g)].map(([, name]) => name);

describe('the login page', () => {
  const getWorld = useWorld({ change });
  const begin = async (clientId = 'web') => {
    const agent = createAgent();
    const sent = await agent.get(authorizeUrl(getWorld(), { connection: undefined, client_id: clientId }));
    return { agent, sent };
  };

  test('shows a button with icon and name for each connection that is enabled for the client', async () => {
    const { agent, sent } = await begin();
    expect(sent.status).toBe(302);
    expect(sent.location?.startsWith(`${getWorld().broker.issuerUrl}u/login?state=`)).toBe(true);
    const page = await agent.get(sent.location ?? '');
    expect(page.status).toBe(200);
    expect(buttons(page.body)).toEqual(['mapped', 'scripted']);
    expect(page.body).toContain('Mapped provider');
    expect(page.body).toContain('https://cdn.example.com/icon.svg');
    expect(page.headers['content-security-policy']).toMatch(/img-src [^;]*https:/);
  });

  test('the picked connection signs the person in, and the same page cannot be used twice', async () => {
    const { agent, sent } = await begin();
    const page = await agent.get(sent.location ?? '');
    const { action, fields } = readForm(page.body);
    const handoff = await agent.post(action, { ...fields, connection: 'scripted' });
    const last = await agent.follow(readHandoff(handoff.body), callback);
    const { body } = await redeem(getWorld(), answerParameters(last).code);
    expect(decodeJwt(String(body.id_token)).sub).toBe('oauth2|scripted|user-1');
    const again = await agent.post(action, { ...fields, connection: 'scripted' });
    expect(again.status).toBe(400);
    expect(again.body).toContain('You may have pressed the back button');
  });

  test('the person may go back and pick the other one before the first is finished', async () => {
    const { agent, sent } = await begin();
    const { action, fields } = readForm((await agent.get(sent.location ?? '')).body);
    await agent.post(action, { ...fields, connection: 'scripted' });
    const second = await agent.post(action, { ...fields, connection: 'mapped' });
    const last = await agent.follow(readHandoff(second.body), callback);
    const { body } = await redeem(getWorld(), answerParameters(last).code);
    expect(decodeJwt(String(body.id_token)).sub).toBe('oauth2|mapped|user-1');
  });

  test('a connection that the client does not have cannot be picked', async () => {
    const { agent, sent } = await begin();
    const { action, fields } = readForm((await agent.get(sent.location ?? '')).body);
    const before = getWorld().provider.counts.authorize;
    for (const connection of ['nowhere', '']) {
      const answer = await agent.post(action, { ...fields, connection });
      expect(answer.status).toBe(400);
      expect(answer.body).toContain('the connection was disabled');
    }
    expect(getWorld().provider.counts.authorize).toBe(before);
  });

  test('another browser sees neither the page nor what can be picked', async () => {
    const { sent } = await begin();
    for (const stranger of [createAgent(), (await begin()).agent]) {
      const page = await stranger.get(sent.location ?? '');
      expect(page.status).toBe(400);
      expect(buttons(page.body)).toEqual([]);
    }
  });

  test('after a quarter of an hour the page is over', async () => {
    const { agent, sent } = await begin();
    getWorld().broker.clock.advance(901);
    expect((await agent.get(sent.location ?? '')).status).toBe(400);
  });

  test('a client with one connection goes straight through', async () => {
    const { sent } = await begin('one-way');
    expect(sent.location?.startsWith(getWorld().provider.authorizeUrl)).toBe(true);
  });

  test('a client without connection is told so', async () => {
    const { sent } = await begin('no-way');
    expect(answerParameters(sent)).toMatchObject({
      error: 'invalid_request',
      error_description: 'no connections enabled for the client',
      state: 'app-state',
    });
  });

  test('a connection that is enabled for others only is named as disabled', async () => {
    const answer = await createAgent().get(authorizeUrl(getWorld(), { client_id: 'one-way', connection: 'scripted' }));
    expect(answerParameters(answer)).toMatchObject({
      error: 'invalid_request',
      error_description: 'the connection was disabled',
    });
  });
});

describe('with the tenant switch skip_login_page_for_single_connection off', () => {
  const getWorld = useWorld({
    change(seed, issuerUrl) {
      change(seed, issuerUrl);
      seed.tenant.flags = { skip_login_page_for_single_connection: false };
    },
  });

  test('one connection gets a page with one button', async () => {
    const agent = createAgent();
    const sent = await agent.get(authorizeUrl(getWorld(), { client_id: 'one-way', connection: undefined }));
    const page = await agent.get(sent.location ?? '');
    expect(buttons(page.body)).toEqual(['mapped']);
  });

  test('a named connection still goes straight through', async () => {
    const sent = await createAgent().get(authorizeUrl(getWorld(), { client_id: 'one-way' }));
    expect(sent.location?.startsWith(getWorld().provider.authorizeUrl)).toBe(true);
  });
});
