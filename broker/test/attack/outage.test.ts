import { connect, createServer, type Server, type Socket } from 'node:net';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { answerParameters, authorizeUrl, redeem, signIn, startWorld, type World } from '../support/world.ts';

/** A road to the database that can be cut and mended. */
async function startRoad(port: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    close: () => server.close(),
  };
}

let postgres: TestPostgres;
let road: Awaited<ReturnType<typeof startRoad>>;
let world: World;
beforeAll(async () => {
  postgres = await startPostgres();
  const url = new URL(await postgres.url());
  road = await startRoad(Number(url.port));
  url.port = String(road.port);
  world = await startWorld({ databaseUrl: url.href });
});
afterAll(async () => {
  road.mend();
  await world.close();
  road.close();
  await postgres.stop();
});

test('API-20 while the database is away the broker says so and when to come back; afterwards it goes on by itself', async () => {
  const { answer } = await signIn(world);
  expect(answer.code).toBeDefined();
  road.cut();

  // What can be told to the application is told to it; the rest is a page.
  const answers = await Promise.all(Array.from({ length: 50 }, () => createAgent().get(authorizeUrl(world))));
  for (const each of answers) expect(answerParameters(each).error).toBe('temporarily_unavailable');
  const page = await request(world.broker.url('u/login?state=st_anything'));
  expect(page.statusCode).toBe(503);
  expect(page.headers['retry-after']).toBe('2');
  await page.body.dump();
  const token = await redeem(world, answer.code);
  expect(token).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
  expect(token.headers['retry-after']).toBe('2');
  expect((await fetch(world.broker.url('healthz'))).status).toBe(200);
  expect((await fetch(world.broker.url('readyz'))).status).toBe(503);

  road.mend();
  await expect.poll(async () => (await fetch(world.broker.url('readyz'))).status, { timeout: 15_000 }).toBe(200);
  const again = await signIn(world);
  expect((await redeem(world, again.answer.code)).status).toBe(200);
});
