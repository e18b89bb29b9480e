import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { read, section } from '../support/documents.ts';
import { finishedJob } from '../support/jobs.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { redeem, signIn, startWorld, type World } from '../support/world.ts';

/* The commands of the guide, as they stand there, from one broker that stands for Auth0 to another. */

const run = promisify(execFile);
const guide = section(read('docs/moving-from-auth0.md'), '## People');
const commands = [...guide.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, text = '']) => text);

let auth0: World;
let portico: World;
let from: Api;
let to: Api;
const folder = mkdtempSync(join(tmpdir(), 'portico-moving-'));
beforeAll(async () => {
  const scopes = ['read:users', 'create:users', 'update:users', 'read:connections'];
  const open = () => startWorld({ change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, scopes) });
  [auth0, portico] = [await open(), await open()];
  [from, to] = [await createApi(auth0), await createApi(portico)];
});
afterAll(async () => {
  await auth0.close();
  await portico.close();
  rmSync(folder, { recursive: true });
});

async function arrive(world: World, id: string, connection: string): Promise<unknown> {
  world.provider.signInAs({ id, email: `${id}@example.com`, name: `${id} of ${connection}` });
  const { answer } = await signIn(world, { connection });
  if (answer.error !== undefined) return answer.error;
  const { body } = await redeem(world, answer.code);
  return decodeJwt(String(body.id_token)).sub;
}

async function follow(step: string): Promise<string> {
  const text = step
    .replace('https://example.eu.auth0.com/api/v2', auth0.broker.url('api/v2'))
    .replace('https://login.example.com/api/v2', portico.broker.url('api/v2'))
    .replace('AUTH0_TOKEN=…', `AUTH0_TOKEN=${from.token}`)
    .replace('$(npx portico token)', to.token)
    .replace('vidhub ticketclub', 'mapped scripted')
    .replace('sleep 2', 'sleep 0.1');
  return (await run('sh', ['-euc', text], { cwd: folder })).stdout;
}

test('people are exported, imported and looked after as the guide says, and are who they were', async () => {
  const pathOf = (id: string) => `/users/${encodeURIComponent(id)}`;
  const ada = String(await arrive(auth0, 'ada', 'mapped'));
  await arrive(auth0, 'ada-2', 'scripted');
  await from.call('POST', `${pathOf(ada)}/identities`, { provider: 'oauth2', user_id: 'scripted|ada-2' });
  await from.call('PATCH', pathOf(ada), { user_metadata: { theme: 'dark' }, app_metadata: { plan: 'gold' } });
  const bob = String(await arrive(auth0, 'bob', 'scripted'));
  await from.call('PATCH', pathOf(bob), { blocked: true });

  expect(commands).toHaveLength(3);
  const [exporting = '', importing = '', looking = ''] = commands;
  await follow(exporting);
  expect(readFileSync(join(folder, 'people.json'), 'utf8').trim().split('\n')).toHaveLength(2);
  await follow(importing);
  const jobs = readFileSync(join(folder, 'jobs.json'), 'utf8').match(/job_\w+/g) ?? [];
  expect(jobs).toHaveLength(2);
  for (const job of jobs) {
    expect(await finishedJob(to, job)).toMatchObject({ status: 'completed', summary: { failed: 0 } });
  }
  const variables = importing.split('\n').slice(0, 2).join('\n');
  expect((await follow(`${variables}\n${looking}`)).match(/"percentage_done":100/g)).toHaveLength(2);

  expect((await to.call('GET', pathOf(ada))).body).toMatchObject({
    ...((await from.call('GET', pathOf(ada))).body as object),
    updated_at: expect.any(String),
  });
  expect(await arrive(portico, 'ada', 'mapped')).toBe(ada);
  expect(await arrive(portico, 'ada-2', 'scripted')).toBe(ada);
  expect(await arrive(portico, 'bob', 'scripted')).toBe('unauthorized');
});
