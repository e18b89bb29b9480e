import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SandboxWorld, startSandboxWorld } from './testing/sandbox-world.ts';

/* What few scripts ask of `request`; what is expected is what its documentation and the RFCs say. */

type Seen = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

let world: SandboxWorld;
let seen: Seen[] = [];
beforeAll(async () => {
  world = await startSandboxWorld(
    (request, response, body) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, headers, body });
      if (url === '/login') {
        response.setHeader('set-cookie', ['sid=1; Path=/; HttpOnly', 'deep=2; Path=/deep', 'gone=3; Max-Age=0']);
      }
      response.end('{"id":"me"}');
    },
    { memoryMb: 64 },
  );
});
afterAll(() => world.close());
beforeEach(() => {
  seen = [];
});

const run = (body: string) =>
  world.run(`async function (token, ctx, cb) { const origin = '${world.origin}', done = (it) => cb(null, { it });
    const ask = (first, second) => new Promise((ok, fail) => request(first, second, (e, r) => e ? fail(e) : ok(r))); ${body} }`);
async function evaluate(body: string): Promise<unknown> {
  const { outcome } = await run(body);
  if (!outcome.ok) throw new Error(`${outcome.kind}: ${outcome.message}`);
  return (outcome.value as { it?: unknown }).it;
}
const first = (): Seen => seen[0] ?? { method: '', url: '', headers: {}, body: '' };
/** A body in parts, with its boundary written as B. */
function parts({ headers, body }: Seen) {
  const type = headers['content-type'] ?? '';
  const boundary = /boundary=(\S+)$/.exec(type)?.[1] ?? '';
  return { type: type.replace(boundary, 'B'), body: body.replaceAll(boundary, 'B') };
}

describe('forms in parts', () => {
  test('formData: texts, numbers, lists, bytes and files with their names and types', async () => {
    await evaluate(
      `ask.call(null, { method: 'POST', url: origin, json: true, formData: { a: 'x', n: 1, list: ['1', '2'], bytes: Buffer.from('raw'), file: { value: Buffer.from('<svg>'), options: { filename: 'a "b".svg', contentType: 'image/svg+xml' } } } }).then((r) => done(r.body.id))`,
    );
    expect(parts(first())).toEqual({
      type: 'multipart/form-data; boundary=B',
      body: [
        '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n',
        '--B\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n',
        '--B\r\nContent-Disposition: form-data; name="list"\r\n\r\n1\r\n',
        '--B\r\nContent-Disposition: form-data; name="list"\r\n\r\n2\r\n',
        '--B\r\nContent-Disposition: form-data; name="bytes"\r\nContent-Type: application/octet-stream\r\n\r\nraw\r\n',
        '--B\r\nContent-Disposition: form-data; name="file"; filename="a %22b%22.svg"\r\nContent-Type: image/svg+xml\r\n\r\n<svg>\r\n',
        '--B--\r\n',
      ].join(''),
    });
    expect(first().headers.accept).toBe('application/json');
  });

  test('form() of a request: it is sent after the fields were added', async () => {
    await evaluate(
      `const r = request.post(origin, () => done(1)); const form = r.form(); form.append('a', 'x'); form.append('f', Buffer.from('y'), { filename: 'f.txt', contentType: 'text/plain' });`,
    );
    expect(parts(first()).body).toBe(
      '--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\ny\r\n--B--\r\n',
    );
  });

  test('form(fields), auth, qs, setHeader and json after the call, as they may be chained', async () => {
    await evaluate(
      `request.post(origin + '/p?a=1', () => request(origin, () => done(1)).auth(null, null, true, 'tok').setHeader('X-One', 1)).form({ b: 'c d' }).auth('me', 'pw').qs({ q: 2 })`,
    );
    expect(first()).toMatchObject({
      url: '/p?a=1&q=2',
      body: 'b=c%20d',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
      },
    });
    expect(seen[1]?.headers).toMatchObject({ authorization: 'Bearer tok', 'x-one': '1' });
  });

  test('multipart: parts with headers of their own, and none that a value could add', async () => {
    await evaluate(
      `ask({ method: 'PUT', url: origin, multipart: [{ 'content-type': 'application/json', body: '{"a":1}' }, { 'x-h': 'a\\r\\nevil: 1', body: Buffer.from('two') }] }).then(() => ask({ method: 'POST', url: origin, headers: { 'Content-Type': 'multipart/mixed' }, preambleCRLF: true, postambleCRLF: true, multipart: { chunked: false, data: [{ body: 'x' }] } })).then(() => done(1))`,
    );
    expect(parts(first())).toEqual({
      type: 'multipart/related; boundary=B',
      body: '--B\r\ncontent-type: application/json\r\n\r\n{"a":1}\r\n--B\r\nx-h: a evil: 1\r\n\r\ntwo\r\n--B--',
    });
    expect(seen[1] && parts(seen[1])).toEqual({
      type: 'multipart/mixed; boundary=B',
      body: '\r\n--B\r\n\r\nx\r\n--B--\r\n',
    });
  });

  test('a stream in a form is an error of the request', async () => {
    expect(
      await evaluate(
        `ask({ method: 'POST', url: origin, formData: { f: { pipe() {} } } }).catch((e) => done(e.message))`,
      ),
    ).toBe('The field f of formData is neither a text nor bytes: there are no streams here.');
    expect(seen).toEqual([]);
  });
});

describe('cookies', () => {
  test('a jar keeps what an answer sets, for its host and path, until it ends', async () => {
    const told = await evaluate(
      `const jar = request.jar(), at = (path) => ({ url: origin + path, jar });
      jar.setCookie(request.cookie('own=0'), origin);
      jar.setCookie('other=1; Domain=example.com', origin);
      await ask(at('/login')); await ask({ ...at('/me'), headers: { Cookie: 'given=4' } }); await ask(at('/deep/er')); await ask(origin + '/without');
      done([jar.getCookieString(origin + '/'), jar.getCookies(origin).map((c) => [c.key, c.value, c.httpOnly]), jar.getCookieString('http://127.0.0.2/')])`,
    );
    expect(told).toEqual([
      'own=0; sid=1',
      [
        ['own', '0', false],
        ['sid', '1', true],
      ],
      '',
    ]);
    expect(seen.map(({ headers }) => headers.cookie)).toEqual([
      'own=0',
      'given=4; own=0; sid=1',
      'deep=2; own=0; sid=1',
      undefined,
    ]);
  });

  test('jar: true is one jar for all requests of a run, and of no other run', async () => {
    await evaluate(`const r = request.defaults({ jar: true }); r(origin + '/login', () => r(origin, () => done(1)))`);
    await evaluate(`request({ url: origin, jar: true }, () => done(1))`);
    expect(seen.map(({ headers }) => headers.cookie)).toEqual([undefined, 'sid=1', undefined]);
  });
});

describe('oauth', () => {
  const sign = (oauth: object, request: object) =>
    evaluate(`const { signRequest, toHeader } = require('portico:request'); const pairs = signRequest(${JSON.stringify(oauth)}, ${JSON.stringify(request)});
      done(Object.fromEntries(pairs).oauth_signature + ' ' + /^OAuth realm="Photos",oauth_consumer_key=/.test(toHeader(pairs, 'Photos')))`);

  test('the signature of RFC 5849 §1.2, which has no version', async () => {
    const pairs = [
      ['size', 'original'],
      ['file', 'vacation.jpg'],
      ['oauth_token', 'nnch734d00sl2jdk'],
      ['oauth_consumer_key', 'dpf43f3p2l4k3l03'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '137131202'],
      ['oauth_nonce', 'chapoH'],
    ];
    const text = `require('portico:request').baseString('get', 'http://photos.example.net:80/photos?x#y', ${JSON.stringify(pairs)})`;
    expect(
      await evaluate(
        `done(require('crypto').createHmac('sha1', 'kd94hf93k423kf44&pfkkdhi9sl3r4s00').update(${text}).digest('base64'))`,
      ),
    ).toBe('MdpQcU8iPSUjWoN/UDMsK2sui9I=');
  });

  test('the signature that a well-known API documents: query, form and reserved characters', async () => {
    const oauth = {
      consumer_key: 'xvz1evFS4wEEPTGEFPHBog',
      consumer_secret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
      token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
      token_secret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
      nonce: 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg',
      timestamp: '1318622958',
    };
    const request = {
      method: 'POST',
      url: 'https://api.twitter.com/1.1/statuses/update.json?include_entities=true',
      form: 'status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21',
    };
    expect(await sign(oauth, request)).toBe('hCtSmYh+iHYCEqBWrE7C7hYmtUk= true');
  });

  test('a request carries it in its header, its query or its form, and PLAINTEXT is the secrets', async () => {
    const oauth = `consumer_key: 'k', consumer_secret: 's&', token: 't', token_secret: 'ts'`;
    await evaluate(
      `await ask({ url: origin + '/me?a=1', oauth: { ${oauth} } });
      await ask({ url: origin, oauth: { ${oauth}, signature_method: 'PLAINTEXT', realm: 'r"' } });
      await ask({ url: origin + '/q', oauth: { ${oauth}, transport_method: 'query' } });
      await ask({ method: 'POST', url: origin, form: { b: 'c' }, oauth: { ${oauth}, transport_method: 'body', callback: 'http://x/?y=1' } });
      done(1)`,
    );
    expect(first().headers.authorization).toMatch(
      /^OAuth oauth_consumer_key="k",oauth_nonce="\w{32}",oauth_signature_method="HMAC-SHA1",oauth_timestamp="\d+",oauth_token="t",oauth_version="1\.0",oauth_signature="[\w%.~-]+"$/,
    );
    expect(seen[1]?.headers.authorization).toMatch(/^OAuth realm="r",.*oauth_signature="s%2526%26ts"$/);
    expect(seen[2]?.url).toMatch(/^\/q\?oauth_consumer_key=k&.*&oauth_signature=[\w%.~-]+$/);
    expect(seen[3]?.body).toMatch(/^b=c&oauth_callback=http%3A%2F%2Fx%2F%3Fy%3D1&.*&oauth_signature=/);
    expect(
      await evaluate(`ask({ url: origin, oauth: { transport_method: 'body' } }).catch((e) => done(e.message))`),
    ).toBe("oauth with transport_method 'body' needs a POST with a form.");
  });
});

describe('options', () => {
  test('lists and objects of a query in every way of writing them', async () => {
    await evaluate(
      `const qs = { a: [1, "x'"], o: { p: 2 } };
      await ask({ url: origin + '/1', qs }); await ask({ url: origin + '/2', qs: { a: [1, "x'"] }, useQuerystring: true });
      await ask({ url: origin + '/3', qs, qsStringifyOptions: { arrayFormat: 'brackets', allowDots: true } });
      await ask({ url: origin + '/4', qs, qsStringifyOptions: { arrayFormat: 'repeat', delimiter: ';' } });
      await ask({ method: 'POST', url: origin + '/5', form: { a: [1, 2] }, useQuerystring: true }); done(1)`,
    );
    expect(seen.map(({ url, body }) => decodeURIComponent(url + body))).toEqual([
      "/1?a[0]=1&a[1]=x'&o[p]=2",
      "/2?a=1&a=x'",
      "/3?a[]=1&a[]=x'&o.p=2",
      "/4?a=1;a=x';o[p]=2",
      '/5a=1&a=2',
    ]);
  });

  test('time tells how long it took; jsonReplacer writes the body', async () => {
    expect(
      await evaluate(
        `request.post({ url: origin, time: true, json: { a: 1, b: 2 }, jsonReplacer: ['b'] }, (e, r, b) => done([typeof r.elapsedTime, r.timingPhases.total === r.elapsedTime, r.responseStartTime >= r.timingStart, b.id]))`,
      ),
    ).toEqual(['number', true, true, 'me']);
    expect(first()).toMatchObject({ body: '{"b":2}', headers: { 'content-type': 'application/json' } });
  });

  test('those without effect are named once in the console', async () => {
    const { outcome, consoleLines } = await run(
      `const options = { url: origin, strictSSL: false, agentOptions: { ca: 'x' }, removeRefererHeader: true, gzip: true }; await ask(options); await ask({ ...options, pool: {} }); await ask({ url: origin, strictSSL: true }); done(1)`,
    );
    expect(outcome.ok).toBe(true);
    expect(consoleLines.map(({ text }) => text)).toEqual([
      'The option agentOptions of request has no effect here.',
      'The option strictSSL of request has no effect here.',
      'The option pool of request has no effect here.',
    ]);
  });

  test.each(['aws', 'hawk', 'httpSignature'])('%s, which would sign, is an error of the request', async (name) => {
    expect(await evaluate(`ask({ url: origin, ${name}: { key: 'x' } }).catch((e) => done(e.message))`)).toBe(
      `The option ${name} of request is not supported here.`,
    );
    expect(seen).toEqual([]);
  });

  test('what is asked for and aborted at once is never sent', async () => {
    await evaluate(
      `request(origin + '/never', () => done('called')).abort(); request(origin + '/other', () => done(1))`,
    );
    expect(seen.map(({ url }) => url)).toEqual(['/other']);
  });
});

test('a script that patches what cookies and forms are made of harms itself only', async () => {
  const { outcome } = await run(
    `Array.prototype.map = Array.prototype.flatMap = Array.prototype.filter = () => { throw new Error('mine') };
    String.prototype.replace = () => { throw new Error('mine') };
    request({ method: 'POST', url: origin, jar: true, formData: { a: 1 }, oauth: {} }, (e) => cb(null, { it: e && e.message }))`,
  );
  expect(outcome).toMatchObject({ ok: true, value: { it: expect.any(String) } });
  expect(
    await evaluate(`ask({ method: 'POST', url: origin, formData: { a: 1 } }).then((r) => done(r.statusCode))`),
  ).toBe(200);
});

test('more requests than allowed end the run, also those that are not sent yet', async () => {
  const { outcome } = await run(`for (let i = 0; i < 100; i++) request(origin, () => {})`);
  expect(outcome).toMatchObject({ ok: false, kind: 'limit', message: 'The script made more than 25 requests.' });
  expect(seen.length).toBeLessThanOrEqual(25);
});
