import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ContractOptions, type ContractWorld, useContract } from '../../support/contract.ts';
import { a0deploy, type DeployCommand } from '../../support/deploy-cli.ts';
import { read, section } from '../../support/documents.ts';
import { type Api, addAdmin, createApi } from '../../support/management.ts';
import { postToken, signIn } from '../../support/world.ts';

/*
 * `auth0-deploy-cli`, the command that teams keep their tenants in a repository with. Each import takes it ten seconds of
 * work before its first request, so that one import proves many things here; and it asks eight times a second at most,
 * so that tenants of their own are worked on at the same time.
 */

vi.setConfig({ testTimeout: 10 * 60_000 });

const guide = section(read('docs/moving-from-auth0.md'), '## The tenant');

const resources = ['actions', 'branding', 'client_grants', 'client_keys', 'clients', 'connections', 'resource_servers'];
const more = ['rules', 'rules_configs', 'tenant_settings', 'token_exchange_profiles'];
const scopes = [...resources, ...more].flatMap((each) =>
  ['read', 'create', 'update', 'delete'].map((verb) => `${verb}:${each}`),
);

/** Nothing but the application that the tool works with. */
const empty: ContractOptions = {
  isSecure: true,
  change(seed, issuerUrl) {
    for (const list of [seed.clients, seed.client_grants, seed.connections, seed.resource_servers]) list.length = 0;
    addAdmin(seed, issuerUrl, scopes);
  },
};
/** What is there before anything is imported. */
const always = ['Administrator', 'All Applications'];
const tenant = join(import.meta.dirname, 'fixtures', 'tenant');
const auth0Tenant = join(import.meta.dirname, 'fixtures', 'auth0-tenant');

const folder = mkdtempSync(join(tmpdir(), 'portico-deploy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const secrets = ({ provider }: ContractWorld) => ({
  AUTH0_KEYWORD_REPLACE_MAPPINGS: JSON.stringify({
    PROVIDER: provider.url,
    CONNECTIONS_OAUTH2_SECRET: 'provider-secret',
  }),
});

/** A run that succeeds. */
async function deploy(world: ContractWorld, command: DeployCommand, settings: Readonly<Record<string, string>> = {}) {
  const { code, output } = await a0deploy(world, command, { ...secrets(world), ...settings });
  expect(code, output).toBe(0);
  return output;
}

/** Every file with its text. */
const filesOf = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(directory, path)).isFile())
      .map((path) => [path, readFileSync(join(directory, path), 'utf8')]),
  );

/** The rows of the table that the tool shows before it works. */
const plannedIn = (output: string): readonly string[] =>
  output.split('\n').flatMap((line) => {
    const [, , status = '', name = ''] = stripVTControlCharacters(line).split('│');
    return /CREATE|UPDATE|DELETE/.test(status) ? [`${status.trim()} ${name.trim()}`] : [];
  });

/** What the broker wrote down as changed since `start`. */
const changesSince = ({ broker }: ContractWorld, start: number) =>
  broker.logs.slice(start).flatMap(({ fields, message }) => (fields.type === 'sapi' ? [message] : []));

type Named = { readonly name: string; readonly id: string; readonly client_id: string; readonly client_secret: string };

async function listOf(api: Api, path: string): Promise<readonly Named[]> {
  const { status, body } = await api.call('GET', path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as readonly Named[];
}

const namesOf = async (api: Api, path: string) => (await listOf(api, path)).map(({ name }) => name).sort();

/** Signs somebody in at an application that was imported, and reads the ID token. */
async function claimsOf(
  world: ContractWorld,
  api: Api,
  { client, connection }: { client: string; connection: string },
) {
  const found = (await listOf(api, '/clients')).find(({ name }) => name === client);
  const redirectUri = 'https://app.example.com/callback';
  const { answer } = await signIn(world, { client_id: found?.client_id, redirect_uri: redirectUri, connection });
  const { body } = await postToken(world, {
    grant_type: 'authorization_code',
    client_id: found?.client_id,
    client_secret: found?.client_secret,
    redirect_uri: redirectUri,
    code: answer.code,
  });
  const [, payload = ''] = String(body.id_token).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}

const getWorld = useContract(empty);
const getOther = useContract(empty);
const getMoved = useContract(empty);

/** One step after the other, within what goes on at the same time. */
const inTurn = { concurrent: false };
/** The first tenant as a YAML file is there, or will not come. */
const exported = Promise.withResolvers<void>();

describe.concurrent('a tenant as a directory', () => {
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });
  afterAll(() => exported.resolve());

  test('is made on an empty Portico, and people sign in with its connections, Actions and Rules', inTurn, async () => {
    const world = getWorld();
    await deploy(world, ['import', '-i', tenant]);
    expect(await namesOf(api, '/connections')).toEqual(['company', 'quickfeed', 'streamhub']);
    expect(await namesOf(api, '/clients')).toEqual([...always, 'Nightly report', 'Tickets', 'Website']);
    expect(await namesOf(api, '/resource-servers')).toEqual(['Auth0 Management API', 'Shows']);
    expect(await claimsOf(world, api, { client: 'Website', connection: 'quickfeed' })).toMatchObject({
      sub: 'oauth2|quickfeed|user-1',
      'https://example.com/greeting': 'welcome by quickfeed',
      'https://example.com/logins': 1,
    });
  });

  test('is exported as a YAML file', inTurn, async () => {
    await deploy(getWorld(), ['export', '-f', 'yaml', '-o', join(folder, 'yaml')]);
    expect(Object.keys(filesOf(join(folder, 'yaml')))).toContain('tenant.yaml');
    exported.resolve();
  });

  test(
    'comes back as it was from export, import and export; AUTH0_ALLOW_DELETE deletes what is not in it',
    inTurn,
    async () => {
      const world = getWorld();
      const [before, after] = [join(folder, 'before'), join(folder, 'after')];
      await deploy(world, ['export', '-f', 'directory', '-o', before]);
      const action = JSON.parse(filesOf(before)['actions/add-claims.json'] ?? '') as unknown;
      expect(action).toMatchObject({ runtime: 'node18', supported_triggers: [{ id: 'post-login', version: 'v2' }] });
      await api.call('POST', '/connections', { name: 'not-in-there', strategy: 'oauth2' });
      await api.call('POST', '/clients', { name: 'Not in there' });
      await api.call('POST', '/rules', { name: 'Not in there', script: 'x', order: 2 });
      const start = world.broker.logs.length;
      // Without the secrets that placeholders stand for.
      const plan = await deploy(world, ['import', '--dry-run', '--apply', '-i', before], {
        AUTH0_ALLOW_DELETE: 'true',
        AUTH0_KEYWORD_REPLACE_MAPPINGS: '{}',
      });
      // What a placeholder hides looks like a change to the tool.
      expect(plannedIn(plan)).toEqual([
        'DELETE Not in there',
        ...['company', 'quickfeed', 'streamhub'].map((name) => `UPDATE ${name}`),
        'DELETE not-in-there',
        'DELETE Not in there',
      ]);
      const changes = [...new Set(changesSince(world, start))];
      await deploy(world, ['export', '-f', 'directory', '-o', after]);
      expect(filesOf(after)).toEqual(filesOf(before));
      expect(changes.filter((change) => !/^(Update|Change) /.test(change)).sort()).toEqual([
        'Delete a connection',
        'Delete a rule',
        'Delete an application',
        'Deploy an Action',
      ]);
      for (const { id } of await listOf(api, '/connections')) {
        const address = world.broker.url(`api/portico/v1/connections/${id}/versions`);
        const versions = await fetch(address, { headers: { authorization: `Bearer ${api.token}` } });
        expect(await versions.json()).toMatchObject({ versions: [{ number: 2 }, { number: 1 }] });
      }
      expect(await claimsOf(world, api, { client: 'Website', connection: 'streamhub' })).toHaveProperty('sub');
    },
  );
});

describe.concurrent('on another Portico', () => {
  test('the YAML file of the first makes the same tenant', inTurn, async () => {
    await exported.promise;
    const world = getOther();
    const api = await createApi(world);
    const [file, again] = [join(folder, 'yaml', 'tenant.yaml'), join(folder, 'yaml-again')];
    const before = filesOf(join(folder, 'yaml'));
    // Nobody exports the secrets of Actions.
    const complete = readFileSync(file, 'utf8').replace(/^( +)- name: GREETING$/m, '$&\n$1  value: welcome');
    writeFileSync(file, complete);
    await deploy(world, ['import', '-i', file]);
    await deploy(world, ['export', '-f', 'yaml', '-o', again]);
    expect(filesOf(again)).toEqual(before);
    expect(await claimsOf(world, api, { client: 'Website', connection: 'company' })).toMatchObject({
      sub: 'oauth2|company|user-1',
      'https://example.com/greeting': 'welcome by company',
    });
  });
});

describe.concurrent('a tenant that comes from Auth0', () => {
  test('is imported as the guide says, without what Portico does not serve', inTurn, async () => {
    const world = getMoved();
    const api = await createApi(world);
    const config = join(folder, 'portico.json');
    const [, text = ''] = /^ *```json\n(.*?)^ *```$/ms.exec(guide) ?? [];
    writeFileSync(config, text.replace('login.example.com', world.domain));
    await deploy(world, ['import', '-c', config, '-i', auth0Tenant], { AUTH0_ACCESS_TOKEN: api.token });
    const names = await namesOf(api, '/connections');
    expect(names).toEqual(expect.arrayContaining(['ticketclub', 'vidhub']));
    expect(names).not.toContain('google-oauth2');
    const applications = ['Club app', 'Club website', 'Default App', 'Old reports'];
    expect(await namesOf(api, '/clients')).toEqual(expect.arrayContaining(applications));
    expect(await claimsOf(world, api, { client: 'Club website', connection: 'vidhub' })).toMatchObject({
      sub: 'oauth2|vidhub|user-1',
      'https://club.example.com/came_by': 'Vidhub',
    });
    expect(await claimsOf(world, api, { client: 'Club website', connection: 'ticketclub' })).toMatchObject({
      sub: 'oauth2|ticketclub|user-1',
    });
  });

  test('the export of the guide has what applications and connections need elsewhere', inTurn, async () => {
    const moved = join(folder, 'moved');
    const lines = guide.split('\n').filter((line) => line.includes('auth0-deploy-cli export'));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const settings = Object.fromEntries([...line.matchAll(/([A-Z0-9_]+)='?([^' ]+)/g)].map(([, ...pair]) => pair));
      const options = line.includes('--export_ids') ? (['--export_ids'] as const) : [];
      await deploy(getMoved(), ['export', ...options, '-f', 'directory', '-o', moved], settings);
    }
    const readMoved = (path: string) => JSON.parse(readFileSync(join(moved, path), 'utf8')) as unknown;
    const application = JSON.parse(readFileSync(join(auth0Tenant, 'clients', 'Club website.json'), 'utf8')) as Named;
    expect(readMoved('clients/Club website.json')).toMatchObject({
      client_id: application.client_id,
      client_secret: application.client_secret,
    });
    expect(readMoved('connections/vidhub.json')).toMatchObject({ options: { client_secret: 'provider-secret' } });
  });
});
