import { describe, expect, test } from 'vitest';
import { createEgressPolicy, type Destination, parseEgressAllow } from './egress-policy.ts';

const policyOf = (text: string) => createEgressPolicy(parseEgressAllow(text).entries);
const https = (name: string, port = 443): Destination => ({ isSecure: true, name, port });
const http = (name: string, port = 80): Destination => ({ isSecure: false, name, port });

describe('parseEgressAllow', () => {
  test.each([
    ['127.0.0.1:4000', 1],
    ['localhost:*', 3],
    ['10.1.0.0/16', 1],
    ['10.1.0.0/16:8443', 1],
    ['[::1]:3001', 1],
    ['::1', 1],
    ['[fd00::]/8:*', 1],
    ['fd00::/8', 1],
    ['loopback', 4],
    ['Keycloak:8080', 1],
    ['api.acme.test', 1],
    [' , 127.0.0.1:1 ,, 127.0.0.2:* ', 2],
    ['', 0],
  ])('reads %j', (text, count) => {
    const { entries, problems } = parseEgressAllow(text);
    expect(problems).toEqual([]);
    expect(entries).toHaveLength(count);
  });

  test.each([
    'http://127.0.0.1:4000',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '127.0.0.1:4000:5000',
    '127.1:4000',
    '0177.0.0.1',
    '2130706433',
    '10.0.0.0/33',
    '::/129',
    'fe80::1%eth0',
    '*',
    '*.acme.test',
    'under_score:80',
    'a..b',
    '[::1',
  ])('names the item that it cannot read: %j', (text) => {
    const { entries, problems } = parseEgressAllow(`127.0.0.1:1,${text}`);
    expect(entries).toHaveLength(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(text.toLowerCase());
  });
});

describe('without an allow-list', () => {
  const policy = policyOf('');

  test('a public address is reached by https on the ports of the web only (NET-06)', () => {
    expect(policy.mayConnect(https('api.acme.com'), '93.184.216.34')).toBe(true);
    expect(policy.mayConnect(https('api.acme.com'), '2606:2800:220:1:248:1893:25c8:1946')).toBe(true);
    expect(policy.mayConnect(http('api.acme.com'), '93.184.216.34')).toBe(false);
    for (const port of [22, 25, 6379, 5432, 11211, 8443]) {
      expect(policy.mayConnect(https('api.acme.com', port), '93.184.216.34')).toBe(false);
      expect(policy.mayLookUp(https('api.acme.com', port))).toBe(false);
    }
  });

  test('a name of the local network is refused even where it has a public address', () => {
    for (const name of [
      'metadata.google.internal',
      'instance-data.ec2.internal',
      'metadata',
      'kubernetes.default.svc',
      'foo.localhost',
    ]) {
      expect(policy.mayLookUp(https(name))).toBe(false);
      expect(policy.mayConnect(https(name), '93.184.216.34')).toBe(false);
    }
  });

  test('what is not a host name is refused before the resolver (NET-21)', () => {
    const long = `${'a.'.repeat(300)}com`;
    for (const name of [long, `${'a'.repeat(64)}.com`, 'under_score.com', 'a..com', '-a.com', 'a-.com', '']) {
      expect(policy.mayLookUp(https(name))).toBe(false);
    }
  });

  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '2002:a9fe:a9fe::',
    '2002:7f00:1::',
    '2001:0:1::1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::808:808',
    '64:ff9b:1::1',
    '100::1',
    '3fff::1',
    '5f00::1',
    '4000::1',
    'not an address',
    '',
  ])('%j is not public', (address) => {
    expect(policy.mayConnect(https('api.acme.com'), address)).toBe(false);
  });
});

describe('with an allow-list', () => {
  test('an address and port allow exactly these, by any scheme (NET-22)', () => {
    const policy = policyOf('127.0.0.1:4000');
    expect(policy.mayConnect(http('127.0.0.1', 4000), '127.0.0.1')).toBe(true);
    expect(policy.mayConnect(https('127.0.0.1', 4000), '127.0.0.1')).toBe(true);
    expect(policy.mayConnect(http('127.0.0.1', 4001), '127.0.0.1')).toBe(false);
    expect(policy.mayConnect(http('127.0.0.1', 4000), '127.0.0.2')).toBe(false);
    expect(policy.mayConnect(http('127.0.0.1', 4000), '::ffff:127.0.0.1')).toBe(false);
  });

  test('a range without a port allows ports 80 and 443', () => {
    const policy = policyOf('10.1.0.0/16');
    expect(policy.mayConnect(http('10.1.2.3'), '10.1.2.3')).toBe(true);
    expect(policy.mayConnect(http('10.1.2.3', 8080), '10.1.2.3')).toBe(false);
    expect(policy.mayConnect(http('10.2.2.3'), '10.2.2.3')).toBe(false);
  });

  test('a name allows scheme and port, but no address that is not public or listed itself', () => {
    const policy = policyOf('api.acme.com:8080,keycloak:8080,172.18.0.0/16:8080');
    expect(policy.mayConnect(http('api.acme.com', 8080), '93.184.216.34')).toBe(true);
    expect(policy.mayConnect(http('api.acme.com', 8080), '10.0.0.1')).toBe(false);
    expect(policy.mayConnect(http('api.acme.com', 8081), '93.184.216.34')).toBe(false);
    expect(policy.mayConnect(http('other.acme.com', 8080), '93.184.216.34')).toBe(false);
    expect(policy.mayConnect(http('keycloak', 8080), '172.18.0.5')).toBe(true);
  });

  test('localhost stands for its two addresses, loopback for all of them', () => {
    const local = policyOf('localhost:4000');
    expect(local.mayConnect(http('localhost', 4000), '127.0.0.1')).toBe(true);
    expect(local.mayConnect(http('localhost', 4000), '::1')).toBe(true);
    expect(local.mayConnect(http('127.0.0.2', 4000), '127.0.0.2')).toBe(false);
    const loopback = policyOf('loopback');
    expect(loopback.mayConnect(http('127.0.0.2', 4000), '127.0.0.2')).toBe(true);
    expect(loopback.mayLookUp(http('localhost', 1))).toBe(true);
    expect(loopback.mayConnect(http('10.0.0.1', 4000), '10.0.0.1')).toBe(false);
  });
});
