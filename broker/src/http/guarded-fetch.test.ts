import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EgressError } from '../core/errors.ts';
import type { GuardedFetch, OutboundRequest } from './egress.ts';
import { createGuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Listens on a free loopback port; counts connections, and closes with the test. */
async function listen(server: Server | TcpServer, host = '127.0.0.1') {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { port, host: `${host}:${port}`, url: `http://${host}:${port}`, connections: () => connections };
}

const serve = (listener: RequestListener) => listen(createServer(listener));
/** Answers every request with these bytes and leaves the connection open. */
const serveBytes = (answer: (socket: Socket) => void) =>
  listen(createTcpServer((socket) => socket.once('data', () => answer(socket))));

function guarded(
  options: Partial<GuardedFetchOptions> = {},
): (request: Partial<OutboundRequest>) => ReturnType<GuardedFetch> {
  const { fetch, close } = createGuardedFetch({ allow: [], ...options });
  closers.push(close);
  return (request) => fetch({ url: '', method: 'GET', timeoutMs: 3_000, maxBytes: 100_000, ...request });
}

/** The reason and the text of the failure; fails if there is none. */
async function failureOf(answer: Promise<unknown>): Promise<{ reason: string; message: string }> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EgressError);
  const { reason, message } = error as EgressError;
  return { reason, message };
}

/** A connection takes the next request one turn after it has given its answer. */
const isIdle = () => new Promise((resolve) => setImmediate(resolve));

const anyPort = 'loopback';

describe('destinations', () => {
  let canary: Awaited<ReturnType<typeof serve>>;
  beforeEach(async () => {
    canary = await serve((_request, response) => response.end('reached'));
  });

  const loopbackForms = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '①②⑦.⓪.⓪.①',
    '127。0。0。1',
    'localhost',
    'localhost.',
    'LOCALHOST',
    'foo.localhost',
    '0.0.0.0',
    '0',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[::7f00:1]',
  ];
  const otherForms = [
    '0.1.2.3',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '100.64.0.1',
    '198.18.0.1',
    '192.0.0.192',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '192.88.99.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '[::ffff:169.254.169.254]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fec0::1]',
    '[fe80::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[2002:a9fe:a9fe::]',
    '[2002:7f00:1::]',
    '[2001:0:1::1]',
    '[64:ff9b::a9fe:a9fe]',
    '[64:ff9b:1::1]',
    'metadata.google.internal',
    'metadata.google.internal.',
    'instance-data.ec2.internal',
    'metadata',
    'kubernetes.default.svc',
  ];

  test.each([...loopbackForms, ...otherForms])(
    'NET-01: %s is refused without a connection, on an open port and on a closed one',
    async (host) => {
      const fetch = guarded();
      const failures = await Promise.all(
        [
          `http://${host}:${canary.port}/`,
          `https://${host}:${canary.port}/`,
          `http://${host}/`,
          `https://${host}:1/`,
        ].map((url) => failureOf(fetch({ url }))),
      );
      for (const failure of failures)
        expect(failure).toEqual({ reason: 'denied', message: 'This destination is not allowed' });
      expect(canary.connections()).toBe(0);
    },
  );

  test.each([
    'gopher://127.0.0.1/',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'dict://127.0.0.1/',
    'ldap://127.0.0.1/',
    'unix:/tmp/socket',
    'data:text/plain,x',
    'blob:http://127.0.0.1/x',
    'jar:http://127.0.0.1!/',
    'ws://127.0.0.1/',
    'http+unix://x/',
    '//127.0.0.1/',
    'http://good@169.254.169.254/',
    'http://user:secret@acme.com/',
    'http://[fe80::1%25eth0]/',
    'http://good%00.evil/',
    'http://good%2f@evil.com/',
    'http://ev\til.com/',
    'http://evil.com\r\n/',
    'http://evil.com/\u0000',
    'http://',
    '',
    'x',
  ])('NET-01: %j is not a URL that is requested', async (url) => {
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('invalid_url');
    expect(canary.connections()).toBe(0);
  });

  test.each([
    'http://169.254.169.254#@good/',
    'http://good\\@169.254.169.254/',
    'http://under_score.com/',
    'http://xn--a/',
  ])('NET-01: %s is read as one URL and refused', async (url) => {
    expect((await failureOf(guarded()({ url }))).reason).toBe('denied');
  });

  test.each([
    ['a private address', [{ address: '10.0.0.1', family: 4 }]],
    [
      'a public and a private address',
      [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    ],
    ['a mapped address', [{ address: '::ffff:127.0.0.1', family: 6 }]],
    ['no valid address', [{ address: 'elsewhere', family: 4 }]],
  ])('NET-02: a name with %s is refused', async (_what, addresses) => {
    const fetch = guarded({ lookup: async () => addresses });
    expect((await failureOf(fetch({ url: 'https://api.acme.com/' }))).reason).toBe('denied');
    expect(canary.connections()).toBe(0);
  });

  test('NET-02: a name that is not known, or has no address, says so', async () => {
    const unknown = guarded({ lookup: async () => Promise.reject(new Error('ENOTFOUND')) });
    expect((await failureOf(unknown({ url: 'https://api.acme.com/' }))).reason).toBe('dns');
    expect((await failureOf(guarded({ lookup: async () => [] })({ url: 'https://api.acme.com/' }))).reason).toBe('dns');
  });

  test('NET-03: a name is resolved once per connection, so a second answer has nobody to mislead', async () => {
    let lookups = 0;
    const fetch = guarded({
      allow: [`rebind.acme.com:${canary.port}`, `127.0.0.1:${canary.port}`],
      lookup: async () => {
        lookups += 1;
        return [{ address: lookups === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
      },
    });
    const url = `http://rebind.acme.com:${canary.port}/`;
    expect((await fetch({ url })).body.toString()).toBe('reached');
    await isIdle();
    expect((await fetch({ url })).body.toString()).toBe('reached');
    expect(lookups).toBe(1);
    expect(canary.connections()).toBe(1);
  });

  test('NET-06, NET-22: exactly the listed port is reached, its neighbour is not', async () => {
    const neighbour = await serve((_request, response) => response.end('neighbour'));
    const bothAddresses = async () => ['127.0.0.1', '::1'].map((address) => ({ address, family: 0 }));
    const fetch = guarded({ allow: [`127.0.0.1:${canary.port}`], lookup: bothAddresses });
    expect((await fetch({ url: canary.url })).body.toString()).toBe('reached');
    expect((await failureOf(fetch({ url: neighbour.url }))).reason).toBe('denied');
    expect((await failureOf(fetch({ url: `http://localhost:${canary.port}` }))).reason).toBe('denied');
    expect(neighbour.connections()).toBe(0);
  });

  test('NET-22: an allowed localhost is reached by its name, whichever of its addresses answers', async () => {
    const fetch = guarded({ allow: [`localhost:${canary.port}`] });
    expect((await fetch({ url: `http://localhost:${canary.port}/` })).status).toBe(200);
  });

  test('an allow-list that cannot be read stops the start, with every problem', () => {
    expect(() => createGuardedFetch({ allow: ['http://x', '1.2.3.4:99999'] })).toThrow(/2 problems/);
  });
});

describe('redirects', () => {
  test.each(['http://169.254.169.254/', '//10.0.0.1/', 'http://[::1]:9/'])(
    'NET-04: a redirect to %s is refused at the hop',
    async (location) => {
      const { url, host } = await serve((_request, response) => response.writeHead(302, { location }).end());
      expect((await failureOf(guarded({ allow: [host] })({ url, maxRedirects: 3 }))).reason).toBe('denied');
    },
  );

  test.each(['file:///etc/passwd', 'http://user:pass@127.0.0.1/', 'javascript:alert(1)'])(
    'NET-04: a redirect to %s is no request at all',
    async (location) => {
      const { url, host } = await serve((_request, response) => response.writeHead(302, { location }).end());
      expect((await failureOf(guarded({ allow: [host] })({ url, maxRedirects: 3 }))).reason).toBe('invalid_url');
    },
  );

  test('NET-05: a loop and a long chain stop at the limit', async () => {
    const loop = await serve((_request, response) => response.writeHead(302, { location: '/' }).end());
    const chain = await serve((request, response) =>
      response.writeHead(302, { location: `/${Number(request.url?.slice(1)) + 1}` }).end(),
    );
    const fetch = guarded({ allow: [anyPort] });
    expect((await failureOf(fetch({ url: loop.url, maxRedirects: 3 }))).reason).toBe('too_many_redirects');
    expect((await failureOf(fetch({ url: `${chain.url}/0`, maxRedirects: 10 }))).reason).toBe('too_many_redirects');
  });

  test('without maxRedirects the redirect itself is the answer (UP-20)', async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(307, { location: 'http://10.0.0.1/' }).end('moved'),
    );
    const response = await guarded({ allow: [anyPort] })({ url, method: 'POST', body: 'secret' });
    expect(response.status).toBe(307);
    expect(response.body.toString()).toBe('moved');
  });

  test('NET-18: credentials and cookies do not cross origins, and stay within one', async () => {
    const seen: Record<string, unknown>[] = [];
    const second = await serve((request, response) => {
      seen.push(request.headers);
      response.end('end');
    });
    const first = await serve((request, response) => {
      seen.push(request.headers);
      response.writeHead(302, { location: request.url === '/' ? '/same' : second.url }).end();
    });
    const headers = { Authorization: 'Bearer secret', cookie: 'a=b', 'x-kept': 'yes' };
    const response = await guarded({ allow: [anyPort] })({ url: first.url, headers, maxRedirects: 3 });
    expect(response.url).toBe(`${second.url}/`);
    expect(seen.map((received) => received.authorization)).toEqual(['Bearer secret', 'Bearer secret', undefined]);
    expect(seen.map((received) => received.cookie)).toEqual(['a=b', 'a=b', undefined]);
    expect(seen.map((received) => received['x-kept'])).toEqual(['yes', 'yes', 'yes']);
  });

  test.each([301, 302, 303])('a POST that gets %i becomes a GET without its body', async (status) => {
    const seen: unknown[] = [];
    const { url } = await serve((request, response) => {
      seen.push([request.method, request.headers['content-type'], request.headers['content-length']]);
      if (request.url === '/') response.writeHead(status, { location: '/next' });
      response.end();
    });
    const headers = { 'Content-Type': 'text/plain' };
    await guarded({ allow: [anyPort] })({ url, method: 'POST', body: 'hello', headers, maxRedirects: 1 });
    expect(seen).toEqual([
      ['POST', 'text/plain', '5'],
      ['GET', undefined, undefined],
    ]);
  });

  test.each([307, 308])('a body is sent again after %i to the same origin only', async (status) => {
    const bodies: string[] = [];
    const other = await serve((_request, response) => response.end());
    const { url } = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(body);
      if (request.url === '/') response.writeHead(status, { location: '/next' });
      if (request.url === '/next') response.writeHead(status, { location: other.url });
      response.end();
    });
    const answer = guarded({ allow: [anyPort] })({ url, method: 'POST', body: 'hello', maxRedirects: 3 });
    expect((await failureOf(answer)).reason).toBe('denied');
    expect(bodies).toEqual(['hello', 'hello']);
    expect(other.connections()).toBe(0);
  });
});

describe('time', () => {
  test('NET-08: headers that drip in are cut off by the deadline', async () => {
    const { url } = await serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      const drip = setInterval(() => socket.write('a'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    expect((await failureOf(guarded({ allow: [anyPort] })({ url, timeoutMs: 150 }))).reason).toBe('timeout');
  });

  test('NET-09: the deadline covers the body', async () => {
    const { url } = await serve((_request, response) => {
      const drip = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect((await failureOf(guarded({ allow: [anyPort] })({ url, timeoutMs: 150 }))).reason).toBe('timeout');
  });

  test('NET-09: the deadline covers all hops of a redirect together', async () => {
    const { url } = await serve((request, response) => {
      setTimeout(() => response.writeHead(302, { location: `${request.url}x` }).end(), 60);
    });
    expect((await failureOf(guarded({ allow: [anyPort] })({ url, timeoutMs: 200, maxRedirects: 20 }))).reason).toBe(
      'timeout',
    );
  });

  test('NET-10: one who never answers, resets, or stalls TLS ends in a failure', async () => {
    const silent = await serveBytes(() => {});
    const resetting = await serveBytes((socket) => socket.resetAndDestroy());
    const closing = await serveBytes((socket) => socket.end());
    const fetch = guarded({ allow: [anyPort] });
    expect((await failureOf(fetch({ url: silent.url, timeoutMs: 100 }))).reason).toBe('timeout');
    expect((await failureOf(fetch({ url: `https://${silent.host}`, timeoutMs: 100 }))).reason).toBe('timeout');
    expect((await failureOf(fetch({ url: resetting.url }))).reason).toBe('reset');
    expect((await failureOf(fetch({ url: closing.url }))).reason).toBe('reset');
  });

  test('a closed port of an allowed address is refused', async () => {
    expect((await failureOf(guarded({ allow: [anyPort] })({ url: 'http://127.0.0.1:1/' }))).reason).toBe('refused');
  });

  test('a look-up that never ends is cut off, and what waited for it is not sent later', async () => {
    const paths: (string | undefined)[] = [];
    const target = await serve((request, response) => {
      paths.push(request.url);
      response.end();
    });
    const waiting: (() => void)[] = [];
    const fetch = guarded({
      allow: [anyPort, `slow.acme.com:${target.port}`],
      lookup: async () => {
        if (waiting.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    const url = `http://slow.acme.com:${target.port}`;
    expect((await failureOf(fetch({ url: `${url}/late`, timeoutMs: 50 }))).reason).toBe('timeout');
    for (const resolve of waiting) resolve();
    await fetch({ url: `${url}/first` });
    await isIdle();
    await fetch({ url: `${url}/second` });
    expect(paths).toEqual(['/first', '/second']);
  });

  test('the caller can cancel, before and during', async () => {
    const { url } = await serveBytes(() => {});
    const fetch = guarded({ allow: [anyPort] });
    expect((await failureOf(fetch({ url, signal: AbortSignal.abort() }))).reason).toBe('timeout');
    const controller = new AbortController();
    const answer = fetch({ url, signal: controller.signal });
    controller.abort();
    expect((await failureOf(answer)).message).toBe('The request was cancelled');
  });
});

describe('size', () => {
  test('NET-11: a body without a length stops at the limit', async () => {
    let sent = 0;
    const { url } = await serve((_request, response) => {
      const block = Buffer.alloc(64 * 1024, 'a');
      const pump = (): void => {
        while (!response.destroyed && response.write(block)) sent += block.length;
        if (!response.destroyed) response.once('drain', pump);
      };
      pump();
    });
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('too_large');
    expect(sent).toBeLessThan(50_000_000);
  });

  test('NET-11: a length beyond the limit is refused before a byte of the body', async () => {
    const { url } = await serveBytes((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n'));
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('too_large');
  });

  test.each([
    'content-length: -1',
    'content-length: 3\r\ncontent-length: 4',
    'content-length: 3\r\ntransfer-encoding: chunked',
    'content-length: 1e3',
  ])('NET-11: %j is not HTTP', async (header) => {
    const { url } = await serveBytes((socket) => socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\nabcdef`));
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('bad_response');
  });

  test('NET-11: a body that is shorter than its length is a broken connection', async () => {
    const { url } = await serveBytes((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'));
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('reset');
  });

  test('a body of exactly the limit is read', async () => {
    const { url } = await serve((_request, response) => response.end('a'.repeat(1000)));
    expect((await guarded({ allow: [anyPort] })({ url, maxBytes: 1000 })).body).toHaveLength(1000);
    expect((await failureOf(guarded({ allow: [anyPort] })({ url, maxBytes: 999 }))).reason).toBe('too_large');
  });

  const codings = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync, 'x-gzip': gzipSync } as const;
  test.each(Object.entries(codings))('%s is decoded', async (coding, compress) => {
    const { url } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(compress('hello')),
    );
    expect((await guarded({ allow: [anyPort] })({ url })).body.toString()).toBe('hello');
  });

  test('bare deflate data is decoded too', async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateRawSync('hello')),
    );
    expect((await guarded({ allow: [anyPort] })({ url })).body.toString()).toBe('hello');
  });

  test.each(['gzip', 'br', 'deflate'] as const)(
    'NET-12: a %s bomb stops at the decoded limit and memory stays flat',
    async (coding) => {
      const bomb = codings[coding](Buffer.alloc(64 * 1024 * 1024));
      const { url } = await serve((_request, response) =>
        response.writeHead(200, { 'content-encoding': coding }).end(bomb),
      );
      const before = process.memoryUsage.rss();
      expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('too_large');
      expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 1024 * 1024);
    },
  );

  test.each(['gzip, gzip', Array(100).fill('gzip').join(', '), 'x-foo', 'br, gzip', 'zstd'])(
    'NET-12: content encoding %s is refused',
    async (coding) => {
      const { url } = await serve((_request, response) =>
        response.writeHead(200, { 'content-encoding': coding }).end(gzipSync('x')),
      );
      expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('bad_encoding');
    },
  );

  test('NET-12: two Content-Encoding headers are stacked encodings', async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(200, ['content-encoding', 'gzip', 'content-encoding', 'gzip']).end('x'),
    );
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('bad_encoding');
  });

  test('data that is not what its encoding says is refused', async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain text'),
    );
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('bad_encoding');
  });

  test('NET-13: too long and too many headers are refused', async () => {
    const long = await serveBytes((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'a'.repeat(1024 * 1024)}\r\n\r\n`),
    );
    const many = await serveBytes((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\n${Array.from({ length: 10_000 }, (_, n) => `x-${n}: 1\r\n`).join('')}\r\n`),
    );
    const fetch = guarded({ allow: [anyPort] });
    expect((await failureOf(fetch({ url: long.url }))).reason).toBe('too_large');
    expect((await failureOf(fetch({ url: many.url }))).reason).toBe('too_large');
  });

  test.each([
    ['a folded header', 'x-a: b\r\n c: d'],
    ['NUL', 'x-a: b\u0000c'],
    ['a bare CR', 'x-a: b\rc'],
    ['a space in the name', 'x a: b'],
  ])('NET-13: %s is not HTTP', async (_what, header) => {
    const { url } = await serveBytes((socket) =>
      socket.end(`HTTP/1.1 200 OK\r\n${header}\r\ncontent-length: 0\r\n\r\n`),
    );
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('bad_response');
  });
});

describe('answers', () => {
  test.each([
    [204, ''],
    [304, ''],
    [200, ''],
  ])('NET-14: %i without a body is an answer', async (status, body) => {
    const { url } = await serve((_request, response) =>
      response.writeHead(status, status === 200 ? { 'content-encoding': 'gzip' } : {}).end(body),
    );
    const response = await guarded({ allow: [anyPort] })({ url });
    expect(response.status).toBe(status);
    expect(response.body).toHaveLength(0);
  });

  test('HEAD is an answer whatever length it announces', async () => {
    const { url } = await serve((_request, response) =>
      response.writeHead(200, { 'content-length': '1000000000' }).end(),
    );
    expect((await guarded({ allow: [anyPort] })({ url, method: 'HEAD' })).status).toBe(200);
  });

  test('NET-16: 101 and HTTP/0.9 are refused, 103 is passed over', async () => {
    const upgrade = await serveBytes((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    );
    const old = await serveBytes((socket) => socket.end('<html>hello</html>'));
    const early = await serveBytes((socket) =>
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
    );
    const fetch = guarded({ allow: [anyPort] });
    expect((await failureOf(fetch({ url: upgrade.url }))).reason).toBe('reset');
    expect((await failureOf(fetch({ url: old.url }))).reason).toBe('bad_response');
    expect((await fetch({ url: early.url })).body.toString()).toBe('ok');
  });

  test('NET-16: endless 100 Continue is refused', async () => {
    const { url } = await serveBytes((socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)));
    expect(['bad_response', 'reset']).toContain((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason);
  });

  test('NET-17: a certificate that nobody vouches for is refused; with its authority it is accepted', async () => {
    const target = await listen(
      createHttpsServer({ key: selfSigned.key, cert: selfSigned.cert }, (_request, response) => response.end('secure')),
    );
    const url = `https://${target.host}/`;
    expect((await failureOf(guarded({ allow: [anyPort] })({ url }))).reason).toBe('tls');
    expect((await guarded({ allow: [anyPort], ca: selfSigned.cert })({ url })).body.toString()).toBe('secure');
    const wrongName = guarded({
      allow: [anyPort, `acme.com:${target.port}`],
      ca: selfSigned.cert,
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    expect((await failureOf(wrongName({ url: `https://acme.com:${target.port}/` }))).reason).toBe('tls');
  });

  test('NET-20: cookies are told to the caller and never sent back', async () => {
    const cookies: (string | undefined)[] = [];
    const { url } = await serve((request, response) => {
      cookies.push(request.headers.cookie);
      response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Twice', '1', 'X-Twice', '2']).end();
    });
    const fetch = guarded({ allow: [anyPort] });
    const { headers } = await fetch({ url });
    await fetch({ url });
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(headers['x-twice']).toBe('1, 2');
    expect(cookies).toEqual([undefined, undefined]);
  });
});

describe('requests', () => {
  test('body, headers and a default User-Agent are sent; framing headers of the caller are not', async () => {
    const { url, port } = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end(JSON.stringify({ method: request.method, headers: request.headers, body }));
    });
    const fetch = guarded({ allow: [anyPort], userAgent: 'Portico/test' });
    const headers = {
      'X-A': 'b',
      Host: 'evil.com',
      'Content-Length': '1',
      'Transfer-Encoding': 'chunked',
      Expect: '100-continue',
    };
    const sent = JSON.parse((await fetch({ url, method: 'POST', headers, body: 'héllo' })).body.toString());
    expect(sent.body).toBe('héllo');
    expect(sent.headers).toMatchObject({
      'x-a': 'b',
      host: `127.0.0.1:${port}`,
      'content-length': '6',
      'user-agent': 'Portico/test',
    });
    const own = JSON.parse((await fetch({ url, headers: { 'user-agent': 'mine' } })).body.toString());
    expect(own.headers['user-agent']).toBe('mine');
  });

  test.each([{ 'x-a': 'b\r\nx-evil: 1' }, { 'x a': 'b' }, { 'x-a\r\nx-evil': '1' }])(
    'a header that would split the request is refused: %j',
    async (headers) => {
      const { url, connections } = await serve((_request, response) => response.end());
      expect((await failureOf(guarded({ allow: [anyPort] })({ url, headers }))).reason).toBe('invalid_url');
      expect(connections()).toBeLessThanOrEqual(1);
    },
  );

  test('proxy variables of the environment are not read', async () => {
    const proxy = await serve((_request, response) => response.end('proxy'));
    const target = await serve((_request, response) => response.end('direct'));
    const saved = { ...process.env };
    Object.assign(process.env, {
      HTTP_PROXY: proxy.url,
      http_proxy: proxy.url,
      ALL_PROXY: proxy.url,
      NODE_USE_ENV_PROXY: '1',
    });
    try {
      expect((await guarded({ allow: [anyPort] })({ url: target.url })).body.toString()).toBe('direct');
    } finally {
      process.env = saved;
    }
    expect(proxy.connections()).toBe(0);
  });

  test('a hundred requests in turn share one connection', async () => {
    const { url, connections } = await serve((_request, response) => response.end('x'));
    const fetch = guarded({ allow: [anyPort] });
    for (let count = 0; count < 100; count += 1) {
      await fetch({ url });
      await isIdle();
    }
    expect(connections()).toBe(1);
  });
});

/** For localhost and 127.0.0.1, made for this test; it opens nothing. */
const selfSigned = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQLTYyeE1yziwA+Mu
JyAxqP/HW6R8xS7FFbwnSlmBjKehRANCAASalvjCP44gf5BVUL5pJAmNgORJ5yXD
fuCxhF9p/0lDKliM1c8k0EgSEZ6Y2poybngdvpTd46W8lOel55W8jrap
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUcjgzATUBhPi/dW3mD7Bvj+cH4pUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTIxMjczM1oYDzIxMjYxMDI4
MjEyNzMzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASalvjCP44gf5BVUL5pJAmNgORJ5yXDfuCxhF9p/0lDKliM1c8k0EgS
EZ6Y2poybngdvpTd46W8lOel55W8jrapo28wbTAdBgNVHQ4EFgQUQEkLzqrdREVp
J+5QgngmjJy70HQwHwYDVR0jBBgwFoAUQEkLzqrdREVpJ+5QgngmjJy70HQwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIge5YLJ+VoyKvkjxSZitPV4trS+6fCKWDphc9PsBPB30sCIQDn
Bl2ofQTQo7ZXeIqPGzWWd9owTjV32yWDE5EaHAFJmg==
-----END CERTIFICATE-----
`,
};
