import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
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
      seed.actions.push({
        name: 'talkative',
        supported_triggers: [{ id: 'post-login' }],
        deploy: true,
        may_read_provider_tokens: true,
        secrets: [{ name: 'KEY', value: secret }],
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
});
