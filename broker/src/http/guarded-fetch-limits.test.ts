import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { anyPort, failureOf, guarded, isIdle, serve, serveBytes } from '../../test/support/loopback.ts';

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
