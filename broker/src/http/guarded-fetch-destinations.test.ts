import { beforeEach, describe, expect, test } from 'vitest';
import { anyPort, failureOf, guarded, isIdle, serve } from '../../test/support/loopback.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

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
