import { createServer as createHttpsServer } from 'node:https';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { anyPort, failureOf, guarded, isIdle, listen, serve, serveBytes } from '../../test/support/loopback.ts';

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
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY']) vi.stubEnv(name, proxy.url);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect((await guarded({ allow: [anyPort] })({ url: target.url })).body.toString()).toBe('direct');
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
