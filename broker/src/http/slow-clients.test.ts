import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../core/random.ts';
import { createListener, type Listener } from './listen.ts';
import { jsonReply } from './reply.ts';
import type { Route } from './route.ts';

/*
 * Clients that take their time hold a connection for as long as the listener's patience lasts. Here it is short.
 */

const letGo = Promise.withResolvers<void>();
/** A file without end, and what the broker does when it gives up on whoever fetches it. */
async function* parts() {
  try {
    for (;;) yield Buffer.from('x'.repeat(64 * 1024));
  } finally {
    letGo.resolve();
  }
}
const answers = 'json';
const routes: readonly Route[] = [
  { method: 'POST', path: '/echo', answers, handle: ({ body }) => jsonReply(200, body.values) },
  { method: 'GET', path: '/file', answers, handle: () => ({ ...jsonReply(200, {}), parts: parts() }) },
];

async function listen(
  maxConnections: number,
  ownerOf = (_ip: string): string | undefined => undefined,
): Promise<{ listener: Listener; port: number }> {
  const listener = createListener({
    routes,
    random: systemRandom,
    respondError: async () => jsonReply(500, {}),
    crossOriginHeaders: async () => undefined,
    observe: () => undefined,
    tls: undefined,
    trustProxy: false,
    maxConnections,
    ownerOf,
    patience: { headersMs: 300, requestMs: 600, idleMs: 300, silenceMs: 600, checkEveryMs: 50 },
  });
  return { listener, port: await listener.listen('127.0.0.1', 0) };
}

/** What comes back until the broker closes the connection. */
function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

/** Says `first`, and then a byte at a time for as long as there is somebody. */
async function dribble(port: number, first: string, drop: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const closed = untilClosed(socket);
  socket.write(first);
  const timer = setInterval(() => socket.write(drop), 20);
  try {
    return await closed;
  } finally {
    clearInterval(timer);
  }
}

describe.concurrent('API-08: slow clients', () => {
  let open: Awaited<ReturnType<typeof listen>>;
  beforeAll(async () => {
    open = await listen(1_000);
  });
  afterAll(() => open.listener.close());
  const form = 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n';

  test('headers that come by the byte are 408, and the connection is closed', async () => {
    const said = await dribble(open.port, 'GET /file HTTP/1.1\r\nhost: a\r\n', 'x');
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
  });

  test.each([
    ['announced', `${form}content-length: 10000\r\n\r\n`, 'x'],
    ['in chunks', `${form}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
  ])('a body that comes by the byte, %s, is 408, and the connection is closed', async (_, head, drop) => {
    expect(await dribble(open.port, head, drop)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('who says nothing at all is let go', async () => {
    expect(await untilClosed(connect(open.port, '127.0.0.1'))).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  test('who asks once and then says nothing is let go, and so is who asks again by the byte', async () => {
    const whole = `${form}content-length: 3\r\n\r\na=b`;
    const quiet = connect(open.port, '127.0.0.1');
    const closed = untilClosed(quiet);
    quiet.write(whole);
    expect(await closed).toContain('{"a":"b"}');
    const again = await dribble(open.port, `${whole}GET /file HTTP/1.1\r\nhost: a\r\n`, 'x');
    expect(again).toContain('{"a":"b"}');
    expect(again).toContain('HTTP/1.1 408 ');
  });

  test('who does not read an answer is let go', async () => {
    const socket = connect(open.port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.write('GET /file HTTP/1.1\r\nhost: a\r\n\r\n');
    await letGo.promise;
    socket.destroy();
  });

  test('two hundred of them keep nobody from being served', async () => {
    const slow = Array.from({ length: 200 }, () => dribble(open.port, 'GET /file HTTP/1.1\r\n', 'x'));
    const answer = await fetch(`http://127.0.0.1:${open.port}/echo`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b' }),
    });
    expect(await answer.json()).toEqual({ a: 'b' });
    for (const said of await Promise.all(slow)) expect(said).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('connections', () => {
  test('past the most that are held are closed as they come, and are taken again once others have gone', async () => {
    const { listener, port } = await listen(2);
    const held = [dribble(port, 'GET /file HTTP/1.1\r\n', 'x'), dribble(port, 'GET /file HTTP/1.1\r\n', 'x')];
    const ask = () => fetch(`http://127.0.0.1:${port}/echo`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) });
    await expect
      .poll(() =>
        ask().then(
          ({ status }) => status,
          () => 'closed',
        ),
      )
      .toBe('closed');
    await Promise.all(held);
    await expect
      .poll(() =>
        ask().then(
          ({ status }) => status,
          () => 'closed',
        ),
      )
      .toBe(200);
    await listener.close();
  });

  test('of one address are a tenth of all at most, and leave the rest to others', async () => {
    const { listener, port } = await listen(20, (ip) => ip);
    const held = [dribble(port, 'GET /file HTTP/1.1\r\n', 'x'), dribble(port, 'GET /file HTTP/1.1\r\n', 'x')];
    const askFrom = async (localAddress: string) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress });
      socket.write('POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return (await untilClosed(socket)).split('\r\n', 1)[0];
    };
    await expect.poll(() => askFrom('127.0.0.1')).toBe('');
    expect(await askFrom('127.0.0.2')).toBe('HTTP/1.1 200 OK');
    await Promise.all(held);
    await expect.poll(() => askFrom('127.0.0.1')).toBe('HTTP/1.1 200 OK');
    await listener.close();
  });
});
