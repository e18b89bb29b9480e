import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type DemoPlace,
  type DemoRun,
  makeDemoPlace,
  readDemoFile,
  removeDemoPlace,
  startDemo,
} from './demo-process.ts';

let place: DemoPlace;
let runs: DemoRun[] = [];

beforeEach(async () => {
  place = await makeDemoPlace();
});
afterEach(async () => {
  await Promise.all(runs.map((run) => run.stop()));
  runs = [];
  removeDemoPlace(place);
});

function start(environment: Readonly<Record<string, string>> = {}): DemoRun {
  const run = startDemo(place, environment);
  runs.push(run);
  return run;
}

async function managementTokenStatus(): Promise<number> {
  const { issuer, management } = readDemoFile(place);
  const response = await fetch(`${issuer}oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'client_credentials', ...management, audience: `${issuer}api/v2/` }),
  });
  return response.status;
}

async function publishedKeys(): Promise<unknown> {
  return (await fetch(`${readDemoFile(place).issuer}.well-known/jwks.json`)).json();
}

test('the demo says where to go and who can sign in, and describes itself in demo.json', async () => {
  const run = start();
  await run.ready;
  const file = readDemoFile(place);
  expect(file).toEqual({
    issuer: `http://localhost:${place.port}/`,
    app_url: `http://localhost:${place.demoPort}`,
    api_url: `http://localhost:${place.demoPort + 1}`,
    provider_url: `http://localhost:${place.demoPort + 2}`,
    spa: { client_id: expect.stringMatching(/^\w{20,}$/) },
    management: { client_id: expect.stringMatching(/^\w{20,}$/), client_secret: expect.stringMatching(/^.{32,}$/) },
    connections: ['netflix-custom', 'hulu-custom'],
  });
  for (const text of [file.app_url, file.issuer, 'mira', 'lantern-42', 'Ctrl-C']) expect(run.output()).toContain(text);
  expect(await managementTokenStatus()).toBe(200);
});

test('nobody else can read the secrets that the demo keeps', async () => {
  await start().ready;
  const secrets = readdirSync(place.dataDir).filter((name) => name.startsWith('demo'));
  expect(secrets.sort()).toEqual(['demo-secrets.json', 'demo-seed.json', 'demo.json']);
  for (const name of secrets) expect(statSync(join(place.dataDir, name)).mode & 0o077).toBe(0);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it with exit code 0, and nothing listens any more',
  async (signal) => {
    const run = start();
    await run.ready;
    expect(await run.stop(signal)).toBe(0);
    for (const offset of [0, 1, 2, 3]) {
      await expect(fetch(`http://localhost:${place.port + offset}/`)).rejects.toThrow();
    }
  },
);

test('a second start finds what the first one left: same ids, same secrets, same keys', async () => {
  const first = start();
  await first.ready;
  const [before, keys] = [readFileSync(join(place.dataDir, 'demo.json'), 'utf8'), await publishedKeys()];
  await first.stop();
  await start().ready;
  expect(readFileSync(join(place.dataDir, 'demo.json'), 'utf8')).toBe(before);
  expect(await publishedKeys()).toEqual(keys);
  expect(await managementTokenStatus()).toBe(200);
});

test('a taken port is named with the variable that changes it, and nothing is written', async () => {
  const squatters = [place.port, place.demoPort + 2].map((port) => createServer().listen(port, 'localhost'));
  const run = start();
  expect(await run.exited).toBe(1);
  expect(run.output()).toContain(`port ${place.port} (Portico) is taken; set PORTICO_PORT to another one`);
  expect(run.output()).toContain(`port ${place.demoPort + 2} (the streaming services) is taken; set PORTICO_DEMO_PORT`);
  expect(readdirSync(place.dataDir)).toEqual([]);
  for (const squatter of squatters) squatter.close();
});

test('other ports than those that the data was made for are refused with both addresses', async () => {
  const first = start();
  await first.ready;
  await first.stop();
  const moved = start({ PORTICO_DEMO_PORT: String(place.demoPort + 4) });
  expect(await moved.exited).toBe(1);
  expect(moved.output()).toContain(`http://localhost:${place.demoPort}`);
  expect(moved.output()).toContain(`http://localhost:${place.demoPort + 4}`);
});

test('a broker that cannot start says why, and the demo ends with it', async () => {
  const run = start({ PORTICO_LOG_LEVEL: 'shouting' });
  expect(await run.exited).toBe(1);
  expect(run.output()).toContain('PORTICO_LOG_LEVEL must be one of');
  expect(run.output()).toContain('Portico ended with exit code 1 before it was ready.');
});
