import { describe, expect, test } from 'vitest';
import { anyPort, failureOf, guarded, serve } from '../../test/support/loopback.ts';

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
