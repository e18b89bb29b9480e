import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

type Seen = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

let world: SandboxWorld;
let seen: Seen[] = [];
beforeAll(async () => {
  world = await startSandboxWorld((request, response, body) => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body });
    if (url === '/slow') return undefined;
    if (url === '/redirect') return response.writeHead(302, { location: '/me' }).end();
    if (url === '/loop') return response.writeHead(302, { location: '/loop' }).end();
    if (url === '/html') return response.end('<html>');
    if (url === '/empty') return response.end();
    if (url === '/big')
      return response.end('{"id": 12345678901234567890, "list": [9007199254740993, 1.5, 9007199254740991]}');
    if (url === '/bytes') return response.end(Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    if (url === '/gzip') return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"a":1}'));
    if (url === '/500') return response.writeHead(500, { 'set-cookie': 'a=b', 'x-one': 'two' }).end('oops');
    return response.end('{"id":"me"}');
  });
});
afterAll(() => world.close());

/** The profile's `it` is what the expression gives; `done` calls back with it later. */
async function evaluate(body: string): Promise<unknown> {
  seen = [];
  const source = `function (token, ctx, cb) { var done = (it) => cb(null, { it }); var origin = '${world.origin}'; ${body} }`;
  const { outcome } = await world.run(source);
  if (!outcome.ok) throw new Error(`${outcome.kind}: ${outcome.message}`);
  return (outcome.value as { it?: unknown }).it;
}
const answerTo = (call: string): Promise<unknown> =>
  evaluate(
    `${call.replace(/\)$/, '')}, (e, r, b) => done(e ? { code: e.code, message: e.message } : [r.statusCode, b]))`,
  );

describe('request', () => {
  test.each([
    ["request(origin + '/me')"],
    ["request({ url: origin + '/me' })"],
    ["request({ uri: origin + '/me ' })"],
    ["request(origin + '/me', {})"],
    ["request(origin + '/me', null)"],
    ["request.get(origin + '/me')"],
    ["request.get({ url: origin + '/me', strictSSL: false, gzip: true })"],
    ["request.defaults({ headers: { a: 'b' } }).get(origin + '/me')"],
    ["request({ baseUrl: origin, url: '/me' })"],
    ["request(origin + '/redirect')"],
  ])('%s gives the body as a text', async (call) => {
    expect(await answerTo(call)).toEqual([200, '{"id":"me"}']);
  });

  test('json: true parses, keeps what is no JSON, and asks for JSON', async () => {
    expect(await answerTo("request.get({ url: origin + '/me', json: true })")).toEqual([200, { id: 'me' }]);
    expect(seen[0]?.headers.accept).toBe('application/json');
    expect(await answerTo("request.get({ url: origin + '/html', json: true })")).toEqual([200, '<html>']);
    expect(await answerTo("request.get({ url: origin + '/empty', json: true })")).toEqual(
      [200].concat([null as never]),
    );
    expect(await answerTo("request.get({ url: origin + '/gzip', json: true })")).toEqual([200, { a: 1 }]);
  });

  test('integers beyond 2^53 arrive as exact texts, by json: true and by JSON.parse', async () => {
    const exact = { id: '12345678901234567890', list: ['9007199254740993', 1.5, 9007199254740991] };
    expect(await answerTo("request.get({ url: origin + '/big', json: true })")).toEqual([200, exact]);
    expect(await evaluate("request(origin + '/big', (e, r, b) => done(JSON.parse(b)))")).toEqual(exact);
    expect(
      await evaluate(
        "request(origin + '/big', (e, r, b) => done(JSON.parse(b, (k, v) => k === 'list' ? v.length : v)))",
      ),
    ).toEqual({ id: exact.id, list: 3 });
  });

  test('a body as JSON, as a form and as a text', async () => {
    await answerTo("request.post({ url: origin + '/me', json: { a: [1] } })");
    expect(seen[0]).toMatchObject({
      method: 'POST',
      body: '{"a":[1]}',
      headers: { 'content-type': 'application/json' },
    });
    await answerTo("request.post({ url: origin + '/me', json: true, body: { a: 1 } })");
    expect(seen[0]).toMatchObject({ body: '{"a":1}' });
    await answerTo("request.post(origin + '/me', { form: { a: 'b c', d: [1, 2], e: { f: \"!'\" } } })");
    expect(seen[0]).toMatchObject({
      body: 'a=b%20c&d%5B0%5D=1&d%5B1%5D=2&e%5Bf%5D=%21%27',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    await answerTo("request.put({ url: origin + '/me', body: 'plain é' })");
    expect(seen[0]).toMatchObject({ method: 'PUT', body: 'plain é', headers: { 'content-length': '8' } });
    await answerTo("request.patch({ url: origin + '/me', body: Buffer.from('bytes') })");
    expect(seen[0]).toMatchObject({ method: 'PATCH', body: 'bytes' });
    await answerTo("request.del({ url: origin + '/me' })");
    expect(seen[0]).toMatchObject({ method: 'DELETE' });
    await answerTo("request({ method: 'head', url: origin + '/me' })");
    expect(seen[0]).toMatchObject({ method: 'HEAD' });
  });

  test('query, credentials and headers', async () => {
    await answerTo("request.get({ url: origin + '/me?a=1#hash', qs: { b: true, c: 'ü d', n: null } })");
    expect(seen[0]?.url).toBe('/me?a=1&b=true&c=%C3%BC%20d&n=');
    await answerTo("request.get({ url: origin + '/me', auth: { bearer: 'abc' } })");
    expect(seen[0]?.headers.authorization).toBe('Bearer abc');
    await answerTo("request.get({ url: origin + '/me', auth: { user: 'ü', pass: 'p' } })");
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ü:p').toString('base64')}`);
    await answerTo(
      "request.get({ url: origin.replace('//', '//me:secret@') + '/me', headers: { 'X-One': 1, Two: undefined, Host: 'other' } })",
    );
    expect(seen[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
      'x-one': '1',
      host: world.origin.slice(7),
    });
    expect(seen[0]?.headers['user-agent']).toBeTruthy();
  });

  test('a status that is not 2xx is no error; redirects of GET are followed unless told otherwise', async () => {
    expect(
      await evaluate(
        "request(origin + '/500', (e, r, b) => done([e, r.statusCode, r.statusMessage, r.body, b, r.headers['x-one'], r.headers['set-cookie']]))",
      ),
    ).toEqual([null, 500, 'Internal Server Error', 'oops', 'oops', 'two', ['a=b']]);
    expect(await answerTo("request({ url: origin + '/redirect', followRedirect: false })")).toEqual([302, '']);
    expect(await answerTo("request.post({ url: origin + '/redirect' })")).toEqual([302, '']);
  });

  test('bytes with encoding: null, and other encodings', async () => {
    expect(
      await evaluate(
        "request({ url: origin + '/bytes', encoding: null }, (e, r, b) => done([Buffer.isBuffer(b), b.toString('hex')]))",
      ),
    ).toEqual([true, 'fffe0080']);
    expect(await answerTo("request({ url: origin + '/bytes', encoding: 'base64' })")).toEqual([200, '//4AgA==']);
  });

  test.each([
    ["request('a.example.com/me')", { message: 'Invalid URI "a.example.com/me"' }],
    ['request({})', { message: 'options.uri is a required argument' }],
    ["request('ftp://a.example.com/')", { message: 'Invalid protocol: ftp:' }],
    ["request({ url: origin + '/slow', timeout: 50 })", { code: 'ETIMEDOUT', message: 'ETIMEDOUT' }],
    ["request(origin + '/loop')", { code: 'ERR_TOO_MANY_REDIRECTS' }],
    ["request('http://127.0.0.1:1/')", { code: 'EGRESS_DENIED' }],
    ["request('http://169.254.169.254/latest')", { code: 'EGRESS_DENIED' }],
    ["request('http://[::ffff:7f00:1]/')", { code: 'EGRESS_DENIED' }],
    ["request('http://2130706433/')", { code: 'EGRESS_DENIED' }],
    ["request({ url: origin + '/me', headers: { a: 'b\\r\\nc: d' } })", { code: 'ERR_INVALID_CHAR' }],
    ["request({ url: origin + '/me', headers: { 'a b': 'c' } })", { code: 'ERR_INVALID_HTTP_TOKEN' }],
    ["request({ url: origin + '/me', method: 'CONNECT' })", { message: 'Invalid method "CONNECT"' }],
  ])('%s fails through the callback', async (call, error) => {
    expect(await answerTo(call)).toMatchObject(error);
  });

  test('the callback comes later, also for an error', async () => {
    expect(
      await evaluate(
        "var order = []; request('nonsense', () => { order.push('later'); done(order) }); order.push('first')",
      ),
    ).toEqual(['first', 'later']);
  });

  test("an error of a request points at the script's line", async () => {
    const run = await world.run('function (token, ctx, cb) {\n  request("nonsense", cb);\n}');
    expect(run.outcome).toMatchObject({ kind: 'callback', message: 'Invalid URI "nonsense"', line: 2, column: 3 });
  });
});

describe('timers', () => {
  test('call in order with their arguments, and stop when cleared', async () => {
    expect(
      await evaluate(
        "var log = []; setTimeout((x) => log.push(x), 20, 'c'); setImmediate(() => log.push('b')); var never = setTimeout(() => log.push('never'), 10); clearTimeout(never); var i = setInterval(() => { log.push('i'); if (log.length > 4) { clearInterval(i); done(log) } }, 30); queueMicrotask(() => log.push('a'))",
      ),
    ).toEqual(['a', 'b', 'c', 'i', 'i']);
  });

  test('awaiting a timer works', async () => {
    expect(await evaluate('(async () => { await new Promise((r) => setTimeout(r, 5)); done(1) })()')).toBe(1);
  });
});

describe('Buffer and text', () => {
  const texts = ['', 'a', 'héllo €', '😀 \u0000', 'lone \ud800 surrogate', 'x'.repeat(100)];
  const encodings = ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'ascii', 'utf16le', 'binary'] as const;
  test.each(encodings)('%s is what Node makes', async (encoding) => {
    const expected = texts.map((text) => {
      const bytes = Buffer.from(text);
      return [
        bytes.toString(encoding),
        Buffer.from(bytes.toString(encoding), encoding).toString('hex'),
        Buffer.byteLength(text, encoding),
      ];
    });
    const list = JSON.stringify(texts);
    expect(
      await evaluate(
        `done(${list}.map((text) => { var b = Buffer.from(text); return [b.toString('${encoding}'), Buffer.from(b.toString('${encoding}'), '${encoding}').toString('hex'), Buffer.byteLength(text, '${encoding === 'base64' || encoding === 'base64url' || encoding === 'hex' ? 'utf8' : encoding}')] }))`,
      ),
    ).toEqual(
      encoding === 'base64' || encoding === 'base64url' || encoding === 'hex'
        ? expected.map(([a, b], index) => [a, b, Buffer.byteLength(texts[index] ?? '')])
        : expected,
    );
  });

  test('invalid UTF-8 is decoded as by Node', async () => {
    const inputs = ['ff', 'c3', 'e282', 'c328', 'f0908080', 'eda080', 'f4908080', '61e28261', 'c0af', 'f09f98'];
    const expected = inputs.map((hex) => Buffer.from(hex, 'hex').toString());
    expect(await evaluate(`done(${JSON.stringify(inputs)}.map((hex) => Buffer.from(hex, 'hex').toString()))`)).toEqual(
      expected,
    );
  });

  test('the usual methods', async () => {
    const code =
      "[new Buffer('YQ==', 'base64').toString(), Buffer.concat([Buffer.from('a'), Buffer.from([98, 99])]).toString(), Buffer.alloc(3, 'x').toString(), Buffer.from('abc').slice(1).toString(), Buffer.from('abc').equals(Buffer.from('abc')), Buffer.isBuffer(Buffer.from('')), Buffer.isBuffer(new Uint8Array(1)), JSON.stringify(Buffer.from('a')), Buffer.from('abcabc').indexOf('ca'), Buffer.compare(Buffer.from('a'), Buffer.from('b')), Buffer.from('abc') instanceof Uint8Array, '' + Buffer.from('abc'), Buffer.from('abcdef').toString('utf8', 1, 3), Buffer.from(Buffer.from('x')).toString()]";
    // biome-ignore lint/security/noGlobalEval: the same expression in Node is what it must equal.
    expect(await evaluate(`done(${code})`)).toEqual(eval(code));
    expect(
      await evaluate(
        "done([new TextDecoder().decode(new TextEncoder().encode('é😀')), btoa('abc'), atob('YWJj'), new TextEncoder().encode('é').length])",
      ),
    ).toEqual(['é😀', 'YWJj', 'abc', 2]);
  });
});

describe('URL', () => {
  const code = `(() => {
    const url = new URL('../b/./c?x=1&y=ä#h', 'https://user:pw@EXAMPLE.com:8443/a/d');
    url.searchParams.append('z', 'a b&c');
    url.port = '443';
    url.pathname = '/new path';
    const params = new URLSearchParams('?a=1&b=%20+x&a=2&bad=%zz&bin=%ff');
    params.set('a', "it's!~*");
    params.delete('none');
    params.append('e', '😀');
    const pairs = new URLSearchParams([['k', 'v'], ['k', 'w']]);
    return [url.href, url.origin, url.host, url.search, url.hash, String(url), JSON.stringify(url), params.toString(), params.get('b'), params.get('bin'), params.get('no'), pairs.getAll('k'),
      [...pairs].length, pairs.size, new URLSearchParams({ q: 1 }).toString(), URL.canParse('x'), url.username, Object.prototype.toString.call(new URLSearchParams()) !== ''];
  })()`;
  test('is what Node makes', async () => {
    // biome-ignore lint/security/noGlobalEval: the same expression in Node is what it must equal.
    expect(await evaluate(`done(${code})`)).toEqual(JSON.parse(JSON.stringify(eval(code))));
  });

  test('an invalid one throws without a stack of the host', async () => {
    const run = await world.run("function (t, c, cb) {\n new URL('nonsense') }");
    expect(run.outcome).toMatchObject({ kind: 'runtime', message: 'TypeError: Invalid URL', line: 2, column: 2 });
    expect(JSON.stringify(run)).not.toMatch(/node:|portico|parse-url/);
  });
});
