import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBundledModules } from './host/bundled-modules.mjs';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

/* What a script of the wild requires, each put to a real use. The world answers with what it was asked. */

let world: SandboxWorld;
beforeAll(async () => {
  world = await startSandboxWorld(
    (request, response, body) => {
      const { url = '', method, headers } = request;
      response.statusCode = url.startsWith('/500') ? 500 : 200;
      response.setHeader('content-type', 'application/json');
      if (url === '/html') response.end('<html>');
      else response.end(JSON.stringify({ url, method, headers, body, id: 42 }));
    },
    { memoryMb: 64, cpuMs: 4000 },
  );
});
afterAll(() => world.close());

const run = (body: string) =>
  world.run(`async function (accessToken, ctx, cb) { const at = '${world.origin}'; ${body} }`);
const value = async (body: string) => {
  const { outcome } = await run(body);
  if (!outcome.ok) throw new Error(`${outcome.message}\n${'stack' in outcome ? outcome.stack : ''}`);
  return outcome.value;
};
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const pem = JSON.stringify({ privateKey, publicKey });

describe('jsonwebtoken', () => {
  test('signs and verifies, with a secret and with keys', async () => {
    const told = await value(`
      const jwt = require('jsonwebtoken'), pem = ${pem};
      const one = jwt.sign({ sub: '1' }, 'secret', { expiresIn: '5m' });
      const two = jwt.sign({ sub: '2' }, pem.privateKey, { algorithm: 'RS256' });
      let refused; try { jwt.verify(one, 'other') } catch (e) { refused = e.name + ': ' + e.message }
      cb(null, { one: jwt.verify(one, 'secret').sub, two: jwt.verify(two, pem.publicKey, { algorithms: ['RS256'] }).sub, refused })`);
    expect(told).toEqual({ one: '1', two: '2', refused: 'JsonWebTokenError: invalid signature' });
  });

  test('keeps the habits of its first versions', async () => {
    const told = await value(`
      const token = jwt.sign({ sub: '1' }, 'secret', { expiresInMinutes: 2 });
      const { iat, exp } = jwt.decode(token);
      cb(null, { seconds: exp - iat, parsed: JSON.parse(jwt.decode(token)).sub })`);
    expect(told).toEqual({ seconds: 120, parsed: '1' });
  });

  test('a version behind the name gives the bundled one, and a note', async () => {
    const { outcome, consoleLines } = await run(
      `cb(null, { it: require('jsonwebtoken@7.1.9') === require('jsonwebtoken') })`,
    );
    expect(outcome).toEqual({ ok: true, value: { it: true } });
    expect(consoleLines.map((line) => line.text)).toEqual([
      expect.stringMatching(/^require\('jsonwebtoken@7\.1\.9'\) gave the bundled version \d+\.\d+\.\d+\.$/),
    ]);
  });
});

describe('axios', () => {
  test('gets and posts JSON', async () => {
    const told = await value(`
      const axios = require('axios@0.22.0');
      const got = await axios.get(at + '/me', { params: { a: 1 }, headers: { Authorization: 'Bearer x' } });
      const posted = await axios.post(at + '/p', { q: 1 });
      cb(null, { status: got.status, url: got.data.url, token: got.data.headers.authorization, body: posted.data.body, type: posted.data.headers['content-type'] })`);
    expect(told).toEqual({
      status: 200,
      url: '/me?a=1',
      token: 'Bearer x',
      body: '{"q":1}',
      type: 'application/json',
    });
  });

  test('fails by status, by its own rule and on a network error', async () => {
    const told = await value(`
      const axios = require('axios');
      const failed = await axios.get(at + '/500').catch((e) => e.response.status + ' ' + e.message);
      const allowed = await axios.get(at + '/500', { validateStatus: () => true }).then((r) => r.status);
      const network = await axios('http://127.0.0.1:1/').catch((e) => e.code);
      cb(null, { failed, allowed, network })`);
    expect(told).toEqual({
      failed: '500 Request failed with status code 500',
      allowed: 500,
      network: 'ERR_NETWORK',
    });
  });
});

const uses: [name: string, body: string, told: unknown][] = [
  [
    'lodash, also as _',
    `cb(null, { it: _.get({ a: { b: 1 } }, 'a.b'), chunks: require('lodash').chunk([1, 2, 3], 2) })`,
    { it: 1, chunks: [[1, 2], [3]] },
  ],
  [
    'jwt-decode in both forms',
    `const d = require('jwt-decode'), t = 'e30.eyJzdWIiOiIxIn0.x'; cb(null, { old: d(t).sub, now: d.jwtDecode(t).sub })`,
    { old: '1', now: '1' },
  ],
  [
    'xml2js',
    `require('xml2js').parseString('<u id="1"><n>x</n></u>', (e, r) => cb(e, r))`,
    { u: { $: { id: '1' }, n: ['x'] } },
  ],
  [
    'xmldom without a kind',
    `const d = new (require('xmldom').DOMParser)().parseFromString('<u><n>x</n></u>'); cb(null, { n: d.getElementsByTagName('n')[0].textContent })`,
    { n: 'x' },
  ],
  [
    'xpath over xmldom',
    `const x = require('xpath'), d = new (require('xmldom').DOMParser)().parseFromString('<u><n>x</n></u>'); cb(null, { n: x.select('string(//n)', d) })`,
    { n: 'x' },
  ],
  [
    'ipaddr.js',
    `const ip = require('ipaddr.js'); cb(null, { it: ip.parse('10.1.2.3').match(ip.parseCIDR('10.0.0.0/8')) })`,
    { it: true },
  ],
  ['xml2json', `cb(null, JSON.parse(require('xml2json').toJson('<u k="1"><n>x</n></u>')))`, { u: { k: '1', n: 'x' } }],
  ['js-yaml', `cb(null, require('js-yaml').load('a: [1, x]'))`, { a: [1, 'x'] }],
  [
    'uuid, which could be called',
    `cb(null, { v2: uuid().length, v4: require('uuid').v4().length, v5: require('uuid').v5('x', uuid.v5.URL) })`,
    { v2: 36, v4: 36, v5: '4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4' },
  ],
  [
    'oauth, constructed as in the documents',
    `const oauth = new require('oauth').OAuth; new oauth(at + '/r', at + '/a', 'key', 's', '1.0A', null, 'HMAC-SHA1').get(at + '/me', 't', 'ts', (e, d) => cb(e, { it: /oauth_signature="/.test(JSON.parse(d).headers.authorization) }))`,
    { it: true },
  ],
  [
    'http.request',
    `const u = require('url').parse(at + '/h?a=1'); require('http').request({ host: u.hostname, port: u.port, path: u.path, method: 'POST' }, (r) => { let s = ''; r.setEncoding('utf8'); r.on('data', (d) => { s += d }).on('end', () => cb(null, { status: r.statusCode, body: JSON.parse(s).body, url: JSON.parse(s).url })) }).end('abc')`,
    { status: 200, body: 'abc', url: '/h?a=1' },
  ],
  [
    'http.get with a refused connection',
    `require('node:https').get('https://127.0.0.1:1/').on('error', (e) => cb(null, { code: e.code }))`,
    { code: 'EGRESS_DENIED' },
  ],
  [
    'crypto: hashes, codes, random',
    `const c = require('crypto'); cb(null, { h: c.createHash('md5').update('a').digest('hex'), m: c.createHmac('sha256', 'k').update('x').digest('base64'), r: c.randomBytes(8).length, u: crypto.randomUUID().length, v: crypto.getRandomValues(new Uint8Array(3)).length, e: c.timingSafeEqual(Buffer.from('a'), Buffer.from('b')) })`,
    {
      h: '0cc175b9c0f1b6a831c399e269772661',
      m: 'w47ciBXISJ9kc4l49EAI+FljRVRfC6po72/PXFPlcYk=',
      r: 8,
      u: 36,
      v: 3,
      e: false,
    },
  ],
  [
    'crypto: keys',
    `const c = require('crypto'), pem = ${pem}; const s = c.createSign('RSA-SHA256').update('x').sign(pem.privateKey, 'base64'); const e = c.publicEncrypt(pem.publicKey, Buffer.from('hi')); cb(null, { ok: c.createVerify('RSA-SHA256').update('x').verify(pem.publicKey, s, 'base64'), not: c.createVerify('RSA-SHA256').update('y').verify(pem.publicKey, s, 'base64'), hi: c.privateDecrypt(pem.privateKey, e).toString(), kind: c.createPublicKey(pem.publicKey).asymmetricKeyType })`,
    { ok: true, not: false, hi: 'hi', kind: 'rsa' },
  ],
  [
    'querystring',
    `cb(null, { s: querystring.stringify({ a: [1, 2], b: 'x y' }), p: require('querystring').parse('a=1&a=2&b=%20') })`,
    { s: 'a=1&a=2&b=x%20y', p: { a: ['1', '2'], b: ' ' } },
  ],
  [
    'util',
    `const u = require('util'); const r = await u.promisify(request.get)(at + '/'); cb(null, { s: r.statusCode, i: u.inspect({ a: [1, 'x'] }), f: u.format('%s %j', 1, {}) })`,
    { s: 200, i: "{ a: [ 1, 'x' ] }", f: '1 {}' },
  ],
  [
    'url',
    `const u = require('url'); const p = u.parse('https://u:p@h.example:8443/a/b?c=1#d', true); cb(null, { host: p.host, port: p.port, c: p.query.c, auth: p.auth, again: u.format({ protocol: 'https', host: 'h', pathname: '/p', query: { a: 1 } }), to: u.resolve('https://h/a/b', '../c') })`,
    { host: 'h.example:8443', port: '8443', c: '1', auth: 'u:p', again: 'https://h/p?a=1', to: 'https://h/c' },
  ],
  [
    'url',
    `const u = require('url'); cb(null, Object.fromEntries(['a/b?c#d', '//h/p', 'mailto:x@y', '#e\\nf', 'http://h'].map((text) => { const { protocol, host, pathname, hash } = u.parse(text); return [text, [protocol, host, pathname, hash]] })))`,
    {
      'a/b?c#d': [null, null, 'a/b', '#d'],
      '//h/p': [null, 'h', '/p', null],
      'mailto:x@y': ['mailto:', null, 'x@y', null],
      '#e\nf': [null, null, null, '#e\nf'],
      'http://h': ['http:', 'h', '/', null],
    },
  ],
  [
    'events',
    `const E = require('events'); const e = new E(); e.once('x', (v) => cb(null, { v })); e.emit('x', 1)`,
    { v: 1 },
  ],
  [
    'request-promise',
    `const rp = require('request-promise'); const ok = await rp({ uri: at + '/me', json: true }); const failed = await rp(at + '/500').catch((e) => e.name + e.statusCode); cb(null, { id: ok.id, failed })`,
    { id: 42, failed: 'StatusCodeError500' },
  ],
  [
    'node-fetch',
    `const r = await require('node-fetch@2.6.1')(at + '/me'); cb(null, { id: (await r.json()).id, raw: r.headers.raw()['content-type'] })`,
    { id: 42, raw: ['application/json'] },
  ],
  ['no module is loaded twice', `cb(null, { it: require('node:util') === require('util') })`, { it: true }],
];
test.each(uses)('%s', async (_name, body, told) => {
  expect(await value(body)).toEqual(told);
});

test('a long integer is noted in the console, once', async () => {
  const { consoleLines } = await run(
    `const it = JSON.parse('[12345678901234567890, 12345678901234567891]'); JSON.parse('12345678901234567892'); cb(null, { it })`,
  );
  expect(consoleLines.map((line) => line.text)).toEqual([
    'An integer beyond 2^53 was parsed as a text, to keep its digits: 12345678901234567890',
  ]);
});

describe('fetch', () => {
  test('sends forms, JSON and multipart, and reads answers', async () => {
    const told = await value(`
      const form = await (await fetch(at + '/f', { method: 'POST', body: new URLSearchParams({ a: 1 }) })).json();
      const data = new FormData(); data.append('k', 'v');
      const parts = await (await fetch(new Request(at, { method: 'POST', body: data }))).json();
      const answer = await fetch(at + '/500', { headers: new Headers({ 'X-One': '1' }) });
      cb(null, { form: form.body, type: form.headers['content-type'], parts: /name="k"\\r\\n\\r\\nv\\r\\n/.test(parts.body),
        ok: answer.ok, status: answer.status, text: (await answer.clone().text()).length > 0, again: await answer.text().then(() => answer.text()).catch((e) => e.name), kind: answer.headers.get('Content-Type') })`);
    expect(told).toEqual({
      form: 'a=1',
      type: 'application/x-www-form-urlencoded;charset=UTF-8',
      parts: true,
      ok: false,
      status: 500,
      text: true,
      again: 'TypeError',
      kind: 'application/json',
    });
  });

  test('is ended by a signal, and fails with its cause', async () => {
    const told = await value(`
      const control = new AbortController();
      const wait = fetch(at + '/me', { signal: control.signal }).catch((e) => e.name);
      control.abort();
      const late = await new Promise((resolve) => AbortSignal.timeout(5).addEventListener('abort', (e) => resolve(e.target.reason.name)));
      const refused = await fetch('http://127.0.0.1:1/').catch((e) => e.message + ' ' + e.cause.code);
      cb(null, { aborted: await wait, late, refused })`);
    expect(told).toEqual({ aborted: 'AbortError', late: 'TimeoutError', refused: 'fetch failed EGRESS_DENIED' });
  });

  test('a body that is not JSON rejects', async () => {
    const { outcome } = await run(`const r = await fetch(at + '/html'); cb(null, await r.json())`);
    expect(outcome).toMatchObject({ ok: false, kind: 'runtime' });
  });
});

test('structuredClone copies deeply and refuses functions', async () => {
  const told = await value(`
    const from = { d: new Date(0), m: new Map([[1, { a: 1 }]]) }; from.self = from;
    const to = structuredClone(from);
    let refused; try { structuredClone({ f() {} }) } catch (e) { refused = e.name }
    cb(null, { own: to !== from && to.self === to && to.m.get(1) !== from.m.get(1), at: to.d.toISOString(), refused })`);
  expect(told).toEqual({ own: true, at: '1970-01-01T00:00:00.000Z', refused: 'DataCloneError' });
});

test('error classes of scripts keep their name', async () => {
  const { outcome } = await run(`cb(new UnauthorizedError('not you'))`);
  expect(outcome).toMatchObject({ ok: false, kind: 'callback', message: 'not you', name: 'UnauthorizedError' });
});

test('a script may use the names of modules for its own', async () => {
  expect(await value(`const _ = 1; crypto = 2; cb(null, { it: _ + crypto })`)).toEqual({ it: 3 });
});

test('a script that patches built-ins before it requires harms itself only', async () => {
  await run(
    `Array.prototype.map = () => { throw new Error('mine') }; JSON.parse = () => 1; require('lodash'); cb(null, {})`,
  );
  expect(await value(`cb(null, { it: require('lodash').map([1], (x) => x + 1) })`)).toEqual({ it: [2] });
});

test('where the modules are not built, require says so', () => {
  const missing = createBundledModules('/nowhere');
  expect(missing.hasModules).toBe(false);
  expect(JSON.parse(missing.resolve('lodash'))).toEqual({
    problem: "Cannot find module 'lodash': the modules for scripts are not built. npm start builds them.",
  });
});

test.each(['../host/main', '..%2Fhost%2Fmain', '/etc/passwd', 'modules.json', 'stamp', '__proto__', 'lodash/../axios'])(
  'SB-16 no name becomes a path: %s',
  async (name) => {
    const { outcome } = await run(`require('${name}')`);
    expect(outcome).toMatchObject({ ok: false, message: `Error: Cannot find module '${name}'` });
  },
);
