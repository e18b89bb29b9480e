import { execFile } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { databases, useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { authorizeUrl } from '../support/world.ts';

/*
 * The calls that Auth0's pages about custom social connections tell people to make, through `curl` as it is installed:
 * their bodies to the letter, with host, id and token filled in.
 */

const scopes = ['read:connections', 'create:connections', 'update:connections'];

type ConnectionWire = {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly display_name?: string;
};

describe.each(databases)('curl lines on %s', (database) => {
  const getWorld = useWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) }, database);
  let api: Api;
  let id: string;
  beforeAll(async () => {
    api = await createApi(getWorld());
    const made = { name: 'custom', strategy: 'oauth2', display_name: 'Shown', enabled_clients: ['web'] };
    const { body } = await api.call('POST', '/connections', { ...made, options: settings });
    ({ id } = body as ConnectionWire);
  });

  const settings = {
    client_id: '...',
    client_secret: '...',
    scripts: { fetchUserProfile: '...' },
    authorizationURL: 'https://auth.example.com/oauth2/authorize',
    tokenURL: 'https://auth.example.com/oauth2/token',
    scope: 'auth',
  };

  const curl = (...words: readonly string[]): Promise<ConnectionWire> =>
    new Promise((resolve, reject) => {
      const url = getWorld().broker.url(`api/v2/connections/${id}`);
      const fixed = ['--silent', '--show-error', '--fail-with-body', '--url', url];
      const header = ['--header', `authorization: Bearer ${api.token}`];
      execFile('curl', [...words, ...fixed, ...header], (error, output, errors) => {
        if (error) reject(new Error(`${errors}${output}`));
        else resolve(JSON.parse(output) as ConnectionWire);
      });
    });
  const patch = (data: string) =>
    curl('--request', 'PATCH', '--header', 'content-type: application/json', '--data', data);

  /** Where the application's browser is sent now. */
  async function sentTo(parameters: Readonly<Record<string, string>> = {}): Promise<URLSearchParams> {
    const { location } = await createAgent().get(authorizeUrl(getWorld(), { connection: 'custom', ...parameters }));
    return new URL(location ?? 'missing:').searchParams;
  }

  test('the options that GET shows go back with pkce_enabled, and the provider is sent a challenge', async () => {
    expect((await sentTo()).has('code_challenge')).toBe(false);
    const { options } = await curl('--request', 'GET');
    expect(options).toEqual(settings);
    const changed = await patch(JSON.stringify({ options: { ...options, pkce_enabled: true } }));
    expect(changed.options).toEqual({ ...settings, pkce_enabled: true });
    expect((await sentTo()).get('code_challenge_method')).toBe('S256');
  });

  test('icon and display name', async () => {
    const changed = await patch(
      '{ "options": { "client_id": "...", "client_secret": "...", "icon_url": "https://cdn.example.com/assets/icon.png", "scripts": { "fetchUserProfile": "..." }, "authorizationURL": "https://public-auth.example.com/oauth2/authorize", "tokenURL": "https://auth.example.com/oauth2/token", "scope": "auth" }, "display_name": "Connection Name"}',
    );
    expect(changed).toMatchObject({
      display_name: 'Connection Name',
      options: { icon_url: 'https://cdn.example.com/assets/icon.png' },
    });
    const { body } = await createAgent().follow(authorizeUrl(getWorld(), { connection: undefined }), 'nowhere:');
    expect(body.includes('Connection Name')).toBe(true);
    expect(body.includes('https://cdn.example.com/assets/icon.png')).toBe(true);
  });

  test('a parameter that is always sent, and a display name that was not repeated', async () => {
    const changed = await patch(
      '{ "options": { "client_id": "...", "client_secret": "...", "authParams": { "custom_param": "custom.param.value" }, "scripts": { "fetchUserProfile": "..." }, "authorizationURL": "https://public-auth.example.com/oauth2/authorize", "tokenURL": "https://auth.example.com/oauth2/token", "scope": "auth" } }',
    );
    expect(changed).not.toHaveProperty('display_name');
    expect(changed.options).not.toHaveProperty('icon_url');
    expect((await sentTo()).get('custom_param')).toBe('custom.param.value');
  });

  test('a parameter that the application gives', async () => {
    await patch(
      '{ "options": { "client_id": "...", "client_secret": "...", "authParamsMap": { "custom_param": "access_type" }, "scripts": { "fetchUserProfile": "..." }, "authorizationURL": "https://auth.example.com/oauth2/authorize", "tokenURL": "https://auth.example.com/oauth2/token", "scope": "auth" } }',
    );
    expect((await sentTo({ access_type: 'offline' })).get('custom_param')).toBe('offline');
    expect((await sentTo()).has('custom_param')).toBe(false);
  });
});
