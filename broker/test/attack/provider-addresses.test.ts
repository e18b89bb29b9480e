import { beforeAll, describe, expect, test } from 'vitest';
import type { ManagementDeps } from '../../src/management/deps.ts';
import { endpointsOf } from '../../src/management/management.ts';
import { scopesOf } from '../../src/management/openapi.ts';
import { useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';

/*
 * API-10: an address of a provider whose host has letters beyond ASCII is kept as DNS has it, so that a look-alike looks
 * different; the warnings about connections show it both ways. What is no address at all is in management.test.ts.
 */

const scopes = scopesOf(endpointsOf({} as ManagementDeps));
const fields = ['authorizationURL', 'tokenURL', 'userInfoURL', 'logoutUrl', 'icon_url', 'discovery_url', 'jwks_uri'];

describe('API-10: an international host', () => {
  const getWorld = useWorld({
    change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes),
    environment: { PORTICO_MANAGEMENT_RATE: '0' },
  });
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });
  let count = 0;
  async function create(options: object) {
    count += 1;
    const body = { name: `address-${count}`, strategy: 'oauth2', options, enabled_clients: ['web'] };
    const answer = await api.call('POST', '/connections', body);
    return { status: answer.status, body: answer.body as { id: string; message: string; options: object } };
  }
  const withAll = (url: string) => Object.fromEntries(fields.map((name) => [name, url]));

  test.each([
    ['https://bücher.example/authorize', 'https://xn--bcher-kva.example/authorize'],
    ['https://ac\u0441ounts.example.com/o?x=1', 'https://xn--acounts-zjg.example.com/o?x=1'],
    ['https://例え.テスト:8443', 'https://xn--r8jz45g.xn--zckzah:8443'],
    ['https://ｇｏｏｇｌｅ.example/a', 'https://google.example/a'],
    ['https://good\u3002evil.example/a', 'https://good.evil.example/a'],
    ['https://BÜCHER.example/Pfad/ü', 'https://xn--bcher-kva.example/Pfad/ü'],
    ['https://b%C3%BCcher.example/a', 'https://xn--bcher-kva.example/a'],
    ['https://goo\u00adgle.example/a', 'https://google.example/a'],
    ['https://xn--bcher-kva.example/a', 'https://xn--bcher-kva.example/a'],
    ['https://Provider.Example/a', 'https://Provider.Example/a'],
  ])('%s is kept as %s, in every field, made and changed', async (given, kept) => {
    const { status, body } = await create(withAll(given));
    expect(status).toBe(201);
    expect(body.options).toEqual(withAll(kept));
    expect((await api.call('PATCH', `/connections/${body.id}`, { options: {} })).status).toBe(200);
    const changed = await api.call('PATCH', `/connections/${body.id}`, { options: withAll(given) });
    expect(changed.body).toMatchObject({ options: withAll(kept) });
    expect((await api.call('GET', `/connections/${body.id}`)).body).toMatchObject({ options: withAll(kept) });
  });

  test.each([
    'https://bü%00cher.example/a',
    'https://[::1/a',
    'https://1.2.3.4.5/a',
    'https://provider.example:99999/a',
  ])('%j is no host, and the answer names the field', async (url) => {
    for (const field of fields) {
      const { status, body } = await create({ [field]: url });
      expect(status, field).toBe(400);
      expect(body.message).toContain(`options.${field}`);
    }
  });

  test('is shown both ways by the warnings', async () => {
    const { body } = await create({
      authorizationURL: 'https://ac\u0441ounts.example.com/',
      tokenURL: 'https://a.example/',
    });
    const answer = await api.call('GET', '/../portico/v1/connections/warnings');
    const { warnings } = answer.body as { warnings: { code: string; connection: string; message: string }[] };
    const own = warnings.filter(
      ({ code, connection }) => code === 'international_host' && connection === `address-${count}`,
    );
    expect(own.map(({ message }) => message)).toEqual([
      'authorizationURL: xn--acounts-zjg.example.com is ac\u0441ounts.example.com: look whether it is the host that is meant',
    ]);
    expect(body.id).toBeDefined();
  });
});
