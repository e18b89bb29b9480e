import { beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, type ApiAnswer, addAdmin, createApi } from '../support/management.ts';
import { authorizeUrl, signIn } from '../support/world.ts';

const scopes = [
  ...['tenant_settings', 'branding'].flatMap((noun) => [`read:${noun}`, `update:${noun}`]),
  ...['create:clients', 'read:clients', 'read:connections'],
];
const bodyOf = (answer: ApiAnswer) => answer.body as Record<string, unknown>;

describe.each(databases)('the tenant on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) }, database);
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });
  const change = async (body: object) => {
    const answer = await api.call('PATCH', '/tenants/settings', body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return bodyOf(answer);
  };

  test('what is read can be written back, and nothing changes', async () => {
    const { session_lifetime: hours, ...settings } = bodyOf(await api.call('GET', '/tenants/settings'));
    expect(settings).toMatchObject({ enabled_locales: ['en'], flags: { enabled_clients_on_connections: true } });
    const written = await change({ ...settings, session_lifetime_in_minutes: Number(hours) * 60 });
    expect(written).toEqual({ ...settings, session_lifetime: hours });
    const ephemeral = { ephemeral_session_lifetime: 24, idle_ephemeral_session_lifetime: 1.5 };
    const minutes = { ephemeral_session_lifetime_in_minutes: 1440, idle_ephemeral_session_lifetime_in_minutes: 90 };
    expect(await change(minutes)).toEqual({ ...written, ...ephemeral });
    expect(await change({ ephemeral_session_lifetime: null, idle_ephemeral_session_lifetime: null })).toEqual(written);
  });

  test('flags are merged by name, unknown ones are kept, null takes a setting back', async () => {
    await change({ flags: { enable_sso: true }, support_url: 'https://help.example.com/', sandbox_version: '18' });
    const changed = await change({ flags: { skip_login_page_for_single_connection: false }, support_url: null });
    expect(changed).toMatchObject({
      flags: { enable_sso: true, skip_login_page_for_single_connection: false },
      sandbox_version: '18',
    });
    expect(changed).not.toHaveProperty('support_url');
    expect(bodyOf(await api.call('GET', '/tenants/settings'))).toEqual(changed);
  });

  test('a new application may use every connection at once where the flag says so, one of a third party none', async () => {
    const { body } = await api.call('GET', '/connections');
    const ids = (body as { id: string }[]).map(({ id }) => id);
    const enabledFor = async (settings: object) => {
      const made = bodyOf(await api.call('POST', '/clients', settings)).client_id;
      const lists = await Promise.all(ids.map((id) => api.call('GET', `/connections/${id}/clients`)));
      return lists.filter((list) => JSON.stringify(list.body).includes(String(made))).length;
    };
    expect(await enabledFor({ name: 'Before' })).toBe(0);
    await change({ flags: { enable_client_connections: true } });
    expect(await enabledFor({ name: 'After' })).toBe(ids.length);
    expect(await enabledFor({ name: 'Theirs', is_first_party: false })).toBe(0);
    await change({ flags: { enable_client_connections: false } });
    expect(await enabledFor({ name: 'Again' })).toBe(0);
  });

  test('an empty text takes a setting back, and is shown as it was sent', async () => {
    await change({ default_redirection_uri: 'https://app.example.com/', default_audience: 'https://nowhere.example/' });
    const empty = { default_redirection_uri: '', default_audience: '', support_url: '', picture_url: '' };
    expect(await change(empty)).toMatchObject(empty);
    expect(await change({ support_email: 'help@example.com' })).toMatchObject(empty);
    const { answer } = await signIn(getWorld());
    expect(answer.code).toBeDefined();
    expect(await getWorld().broker.store.tenant.find()).toMatchObject({
      defaultRedirectionUri: undefined,
      defaultAudience: undefined,
      logoUrl: undefined,
    });
    const again = await change({ default_redirection_uri: 'https://app.example.com/', default_audience: null });
    expect(again).toMatchObject({ default_redirection_uri: 'https://app.example.com/', support_url: '' });
    expect(again).not.toHaveProperty('default_audience');
  });

  test('the picture of the settings is the logo as long as branding has none', async () => {
    const logo = async () => (await getWorld().broker.store.tenant.find())?.logoUrl;
    await change({ picture_url: 'https://cdn.example.com/1.png' });
    await change({ picture_url: 'https://cdn.example.com/2.png' });
    expect(await logo()).toBe('https://cdn.example.com/2.png');
    expect(bodyOf(await api.call('GET', '/branding'))).not.toHaveProperty('logo_url');
    await api.call('PATCH', '/branding', { logo_url: 'https://cdn.example.com/b.png' });
    await change({ picture_url: 'https://cdn.example.com/3.png' });
    expect(await logo()).toBe('https://cdn.example.com/b.png');
    await api.call('PATCH', '/branding', { logo_url: null });
    expect(await logo()).toBe('https://cdn.example.com/3.png');
  });

  test('lifetimes and looks act at once', async () => {
    await change({ friendly_name: 'Streaming Inc.', session_lifetime: 0.5, idle_session_lifetime_in_minutes: 10 });
    const settings = await getWorld().broker.store.tenant.find();
    expect(settings).toMatchObject({ sessionLifetimeSeconds: 1_800, idleSessionLifetimeSeconds: 600 });
    const looks = {
      colors: { primary: '#aa0044', page_background: '#ffeedd' },
      logo_url: 'https://cdn.example.com/l.png',
    };
    expect(bodyOf(await api.call('PATCH', '/branding', looks))).toEqual(looks);
    const agent = createAgent();
    const toPage = await agent.get(authorizeUrl(getWorld(), { connection: undefined }));
    const page = await agent.get(String(toPage.location));
    expect(page.body).toContain('#aa0044');
    expect(page.body).toContain('https://cdn.example.com/l.png');
    expect(bodyOf(await api.call('GET', '/branding'))).toEqual(looks);
  });

  test.each([
    [{ friendly_name: 7 }, 'friendly_name'],
    [{ id: 'x' }, 'id'],
    [{ error_page: { url: 'javascript:alert(1)' } }, 'error_page'],
    [{ default_redirection_uri: 'data:x' }, 'default_redirection_uri'],
    [{ allowed_logout_urls: ['javascript:x'] }, 'allowed_logout_urls'],
    [{ session_lifetime: -1 }, 'Value -1 is equal or less than exclusive minimum 0'],
  ])('%j is refused, and the answer names it', async (body, named) => {
    const answer = await api.call('PATCH', '/tenants/settings', body);
    expect(answer.status).toBe(400);
    expect(bodyOf(answer).message).toContain(named);
  });
});
