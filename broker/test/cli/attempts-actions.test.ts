import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { portico } from '../support/command-line.ts';
import { signIn, startWorld, type World } from '../support/world.ts';

const secret = 'an-api-key-0123456789';

let world: World;
let directory: string;
let environment: Record<string, string>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'portico-cli-'));
  environment = {
    PORTICO_DATA_DIR: directory,
    PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
    PORTICO_EGRESS_ALLOW: 'loopback',
  };
  world = await startWorld({
    environment,
    change: (seed) => {
      seed.rules_configs.push({ key: 'ANSWER', value: '42' });
      seed.rules.push({
        name: 'asks',
        script: `function (user, context, callback) {
  callback(context.request.query['ext-case'] === 'rule' ? new Error('the answer is ' + configuration.ANSWER + '!') : null, user, context);
}`,
      });
      seed.actions.push({
        name: 'talkative',
        supported_triggers: [{ id: 'post-login' }],
        deploy: true,
        may_read_provider_tokens: true,
        secrets: [
          { name: 'KEY', value: secret },
          { name: 'MODE', value: 'on' },
        ],
        code: `exports.onExecutePostLogin = async (event, api) => {
  console.log('looking at', event.user.email, event.secrets.KEY, event.user.identities[0].access_token);
  api.access.deny('Closed on Sundays');
};`,
      });
    },
  });
});
afterAll(async () => {
  await world?.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a denied sign-in is read back with what its Action said, without its secrets and the token of the provider', async () => {
  const { answer } = await signIn(world);
  expect(answer).toMatchObject({ error: 'access_denied', error_description: 'Closed on Sundays' });
  const failed = world.broker.logs.findLast(({ message }) => message === 'sign-in failed');
  const { code, output } = await portico(environment, 'attempts', 'show', String(failed?.fields.trace_id));
  expect(code).toBe(0);
  expect(output).toContain('looking at');
  expect(output).toContain('Closed on Sundays');
  expect(output).toContain('talkative');
  expect(output).not.toContain(secret);
  expect(output).not.toMatch(/\bat-[\w-]{24}/);
  expect(output).toContain('asked for api.access.deny("Closed on Sundays")');
  expect(output).toContain('secrets KEY, MODE (values are not kept)');
});

test('a replay takes the secrets of today, or those that are given; the attempt has their names alone', async () => {
  await signIn(world);
  const failed = world.broker.logs.findLast(({ message }) => message === 'sign-in failed');
  const id = String(failed?.fields.trace_id);
  const json = await portico(environment, 'attempts', 'show', id, '--json');
  expect(json.output).not.toContain(secret);
  expect(JSON.parse(json.output).runs.at(-1)).toMatchObject({
    secretNames: ['KEY', 'MODE'],
    entry: { event: { secrets: { KEY: '[hidden]', MODE: '[hidden]' } } },
  });

  const checking = join(directory, 'checking.js');
  const source = (key: string, mode: string) => `exports.onExecutePostLogin = async (event, api) => {
  const { KEY, MODE } = event.secrets;
  if (KEY !== '${key}' || MODE !== '${mode}') throw new Error('other secrets');
};`;
  writeFileSync(checking, source(secret, 'on'));
  const replayed = await portico(environment, 'attempts', 'replay', id, '--script', checking);
  expect(replayed).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('asked for nothing') });

  writeFileSync(checking, source('given-key', 'on'));
  const given = await portico(
    environment,
    ...['attempts', 'replay', id, '--script', checking, '--secret', 'KEY=given-key'],
  );
  expect(given).toMatchObject({ code: 0, errors: '' });
  const wrong = await portico(environment, 'attempts', 'replay', id, '--secret', 'KEY');
  expect(wrong).toMatchObject({ code: 1, errors: expect.stringContaining('It must be NAME=VALUE') });
});

test('the configuration of Rules comes from the tenant; a name that has no value any more is told', async () => {
  const { store } = world.broker;
  await signIn(world, { 'ext-case': 'rule' });
  const failed = world.broker.logs.findLast(({ message }) => message === 'sign-in failed');
  const id = String(failed?.fields.trace_id);
  const first = await portico(environment, 'attempts', 'replay', id);
  expect(first).toMatchObject({ code: 1, output: expect.stringContaining('the answer is 42!') });
  await store.write(store.rules.deleteSetting('ANSWER'));
  const second = await portico(environment, 'attempts', 'replay', id);
  expect(second.errors).toContain('no value for the secret ANSWER');
  expect(second.output).toContain('the answer is [hidden]!');
});
