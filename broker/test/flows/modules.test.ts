import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredModule } from '../../src/core/module.ts';
import { startBroker } from '../support/broker.ts';
import { porticoHere } from '../support/command-line.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { writePackage } from '../support/packages.ts';
import { redeem, signIn, startWorld, type World, type WorldOptions } from '../support/world.ts';

/* npm modules that an administrator allows, in the scripts of real sign-ins. */

const change: WorldOptions['change'] = (seed) => {
  seed.actions.push({
    name: 'slugs',
    supported_triggers: [{ id: 'post-login' }],
    deploy: true,
    dependencies: [
      { name: '@acme/slug', version: '1.2.3' },
      { name: 'counted', version: 'latest' },
      { name: 'lodash', version: '4.0.0' },
    ],
    code: `const slug = require('@acme/slug');
exports.onExecutePostLogin = async (event, api) => {
  if (event.request.query['ext-case'] === 'undeclared') require('late@1.0.0');
  api.idToken.setCustomClaim('https://x/action', slug('a b') + require('counted') + require('lodash').camelCase('c d'));
};`,
  });
  seed.rules.push({
    name: 'ruled',
    script: `function (user, context, callback) {
  const wanted = context.request.query['ext-case'];
  context.idToken['https://x/rule'] = require('@acme/slug@1.2.3')('e f');
  if (wanted) context.idToken['https://x/late'] = require('late@1.0.0');
  callback(null, user, context);
}`,
  });
  const scripted = seed.connections.find(({ name }) => name === 'scripted');
  if (scripted?.options?.scripts !== undefined) {
    scripted.options.scripts = {
      fetchUserProfile: `function (token, ctx, callback) { callback(null, { user_id: require('@acme/slug')('g h') }); }`,
    };
  }
};

describe.each(databases)('npm modules on %s', (database) => {
  const server = useDatabase(database);
  let directory: string;
  let environment: Record<string, string>;
  let world: World;

  const add = async (name: string, version: string, code: string) => {
    const folder = writePackage(join(directory, `${name.replace('/', '-')}-${version}`), {
      'package.json': { name, version },
      'index.js': code,
    });
    expect(await porticoHere(environment, 'modules', 'add', `${name}@${version}`, '--from', folder)).toMatchObject({
      code: 0,
    });
  };
  const claimsOf = async (parameters: Record<string, string> = {}) => {
    const { answer } = await signIn(world, parameters);
    expect(answer).toHaveProperty('code');
    const { body } = await redeem(world, answer.code);
    return decodeJwt(String(body.id_token));
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'portico-modules-'));
    const databaseUrl = await server.url();
    environment = {
      PORTICO_DATA_DIR: join(directory, 'data'),
      PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
      ...(databaseUrl === undefined ? {} : { PORTICO_DATABASE_URL: databaseUrl }),
    };
    await add('@acme/slug', '1.2.3', `module.exports = (text) => text.replaceAll(' ', '-');`);
    await add('counted', '9.0.0', `module.exports = ' nine ';`);
    await add('counted', '2.0.0', `module.exports = ' two ';`);
    world = await startWorld({ change, environment });
  });
  afterAll(async () => {
    await world?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('an Action has what it depends on, Rules and profile scripts what they name', async () => {
    expect(await claimsOf({ connection: 'scripted' })).toMatchObject({
      sub: 'oauth2|scripted|g-h',
      'https://x/action': 'a-b two cD',
      'https://x/rule': 'e-f',
    });
  });

  test('a deployed Action keeps the version that was the latest then', async () => {
    await add('counted', '10.0.0', `module.exports = ' ten ';`);
    expect(await claimsOf()).toMatchObject({ 'https://x/action': 'a-b two cD' });
  });

  test('a running broker hears of a module that is allowed now', async () => {
    const { answer } = await signIn(world, { 'ext-case': 'late' });
    expect(answer.error_description).toContain("Cannot find module 'late@1.0.0'");
    await add('late', '1.0.0', `module.exports = 'here';`);
    const read = async () => (await signIn(world, { 'ext-case': 'late' })).answer.code;
    await expect.poll(read, { timeout: 10_000 }).toBeDefined();
    expect(await claimsOf({ 'ext-case': 'late' })).toMatchObject({ 'https://x/late': 'here' });
  });

  test('an Action does not find an allowed module that it does not depend on', async () => {
    const { answer } = await signIn(world, { 'ext-case': 'undeclared' });
    expect(answer).toMatchObject({
      error: 'access_denied',
      error_description: "Cannot find module 'late@1.0.0'",
    });
  });

  test('a text that was changed in the database does not run: the Action denies, a Rule does not find it', async () => {
    const { store } = world.broker;
    const replace = (module: StoredModule) =>
      store.writeAll([store.modules.delete(module.name, module.version), store.modules.create(module)]);
    const [slug, counted] = [
      await store.modules.find('@acme/slug', '1.2.3'),
      await store.modules.find('counted', '2.0.0'),
    ];
    if (slug === undefined || counted === undefined) throw new Error('they were added');

    await replace({ ...counted, text: `module.exports = ' stolen ';` });
    const { answer } = await signIn(world);
    expect(answer).toMatchObject({
      error: 'access_denied',
      error_description: expect.stringMatching(/^The Action cannot run; see trace /),
    });
    const told = world.broker.logs.findLast(({ message }) => message === 'sign-in failed');
    expect(JSON.stringify(told)).toContain('counted@2.0.0 is gone, or is not the one it was deployed with');

    await replace(counted);
    await replace({ ...slug, text: `module.exports = () => 'stolen';` });
    expect((await signIn(world)).answer.error_description).toContain("Cannot find module '@acme/slug@1.2.3'");
    await replace(slug);
    expect(await claimsOf()).toMatchObject({ 'https://x/action': 'a-b two cD' });
  });

  test('another text under a name and version that a deployed Action has is not what it was deployed with', async () => {
    const { store } = world.broker;
    const counted = await store.modules.find('counted', '2.0.0');
    if (counted === undefined) throw new Error('it was added');
    expect(await porticoHere(environment, 'modules', 'remove', 'counted@2.0.0')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('is needed by the deployed Action slugs'),
    });
    await store.write(store.modules.delete('counted', '2.0.0'));
    await add('counted', '2.0.0', `module.exports = ' other ';`);
    const read = async () => (await signIn(world)).answer.error_description;
    await expect.poll(read, { timeout: 10_000 }).toMatch(/^The Action cannot run/);
  });
});

test('a seed file whose Actions want what is not allowed is refused, with every reason', async () => {
  const action = (name: string, ...dependencies: { name: string; version: string }[]) => ({
    name,
    supported_triggers: [{ id: 'post-login' as const }],
    code: '',
    dependencies,
  });
  const seed = {
    actions: [
      action('one', { name: 'slug', version: '1.0.0' }, { name: 'lodash', version: '^4.17.0' }),
      action('two', { name: 'slug', version: 'latest' }, { name: 'lodash', version: '4.17.21' }),
    ],
  };
  await expect(startBroker({ seed })).rejects.toMatchObject({
    problems: [
      'seed file, Action one: the module slug@1.0.0 is not allowed; an administrator allows it with: portico modules add slug@1.0.0',
      'seed file, Action one: the module lodash@^4.17.0: a version is exact, such as 1.2.3, or latest',
      'seed file, Action two: the module slug is not allowed; an administrator allows it with: portico modules add slug',
    ],
  });
});
