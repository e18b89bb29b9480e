import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { beforeAll, describe, expect, test } from 'vitest';
import { useWorld } from '../support/databases.ts';
import { type Api, addAdmin, createApi } from '../support/management.ts';
import { machineSecret } from '../support/world.ts';

/*
 * API-08: bodies that are too large, end too early or too late, or are written in letters that JSON is not. Those that are
 * sent too slowly are in http/slow-clients.test.ts, those that are no good JSON in management.test.ts.
 */

const hundredMegabytes = 100 * 1024 * 1024;

describe('API-08: a body', () => {
  const getWorld = useWorld({
    change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['create:clients', 'read:clients']),
    environment: { PORTICO_MANAGEMENT_RATE: '0' },
  });
  let api: Api;
  beforeAll(async () => {
    api = await createApi(getWorld());
  });
  const clients = async () => (await getWorld().broker.store.clients.list()).length;
  const head = (path: string, rest: string) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${api.token}\r\nContent-Type: application/json\r\n${rest}\r\n\r\n`;

  /** Sends as much as is taken; resolves when the other side has closed. */
  function send(first: string, { more, ends = false }: { readonly more?: Buffer; readonly ends?: boolean } = {}) {
    return new Promise<{ text: string; sent: number }>((resolve) => {
      const socket = connect(getWorld().broker.port, 'localhost');
      let text = '';
      let sent = 0;
      const pump = () => {
        while (more !== undefined && sent < hundredMegabytes && socket.writable) {
          sent += more.length;
          if (!socket.write(more)) return;
        }
      };
      socket.on('data', (chunk) => {
        text += String(chunk);
      });
      socket.on('drain', pump);
      // Cut in the middle of what it sends.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => resolve({ text, sent }));
      socket.write(first);
      pump();
      if (ends) socket.end();
    });
  }

  test.each(['/api/v2/clients', '/oauth/token', '/api/v2/nothing'])(
    'of a hundred megabytes is not read to its end at %s, whether it says its length or not',
    async (path) => {
      const before = await clients();
      const said = await send(head(path, `Content-Length: ${hundredMegabytes}`), { more: Buffer.alloc(65_536, 'x') });
      const line = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`);
      const unsaid = await send(head(path, 'Transfer-Encoding: chunked'), { more: line });
      for (const { text, sent } of [said, unsaid]) {
        // Whoever goes on sending after the answer may lose the answer with the connection.
        expect(text).toMatch(/^$|^HTTP\/1\.1 (403|404|413) /);
        expect(sent).toBeLessThan(hundredMegabytes / 2);
      }
      expect(await clients()).toBe(before);
      expect((await api.call('GET', '/clients')).status).toBe(200);
    },
  );

  test('that ends before the length that it said makes nothing', async () => {
    const before = await clients();
    const { text } = await send(`${head('/api/v2/clients', 'Content-Length: 50')}{"name":"short"}`, { ends: true });
    expect(text).toMatch(/^$|^HTTP\/1\.1 400 /);
    expect(await clients()).toBe(before);
  });

  test('that goes on after the length that it said is taken as it was said, and the rest is no request', async () => {
    const { text } = await send(`${head('/api/v2/clients', 'Content-Length: 15')}{"name":"said"}{"name":"rest"}`);
    const statuses = (text.match(/HTTP\/1\.1 \d+/g) ?? []).filter((status) => status !== 'HTTP/1.1 201');
    expect(statuses).toEqual(['HTTP/1.1 400']);
    expect((await getWorld().broker.store.clients.list()).map(({ name }) => name)).not.toContain('rest');
  });

  test.each([
    ['Content-Length before Transfer-Encoding', 'Content-Length: 15\r\nTransfer-Encoding: chunked'],
    ['Transfer-Encoding before Content-Length', 'Transfer-Encoding: chunked\r\nContent-Length: 15'],
    ['Transfer-Encoding of another name', 'Transfer-Encoding: gzip\r\nContent-Length: 15'],
    ['chunked that is not the last', 'Transfer-Encoding: chunked, identity'],
    ['chunked with something before it', 'Transfer-Encoding: \tchunked\r\nTransfer-Encoding: x\r\nContent-Length: 15'],
  ])('with %s makes nothing', async (_, rest) => {
    const before = await clients();
    const { text } = await send(`${head('/api/v2/clients', rest)}f\r\n{"name":"smuggled"}\r\n0\r\n\r\n`, {
      ends: true,
    });
    expect(text).toMatch(/^HTTP\/1\.1 (400|501) /);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toHaveLength(1);
    expect(await clients()).toBe(before);
  });

  const post = async (body: string | Buffer, headers: Readonly<Record<string, string>>) => {
    const { statusCode, body: answer } = await request(getWorld().broker.url('api/v2/clients'), {
      method: 'POST',
      headers: { authorization: `Bearer ${api.token}`, ...headers },
      body,
    });
    await answer.dump();
    return statusCode;
  };
  const json = '{"name":"é"}';

  test.each([
    ['UTF-16', Buffer.from(json, 'utf16le'), 'application/json; charset=utf-16', 415],
    ['UTF-16 that calls itself UTF-8', Buffer.from(json, 'utf16le'), 'application/json; charset=utf-8', 400],
    ['Latin-1', Buffer.from(json, 'latin1'), 'application/json; charset=iso-8859-1', 415],
    ['Latin-1 that says nothing', Buffer.from(json, 'latin1'), 'application/json', 400],
    [
      'half of a letter',
      Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc3]), Buffer.from('"}')]),
      'application/json',
      400,
    ],
    ['a letter written too long', Buffer.from('7b226e616d65223a22c0af227d', 'hex'), 'application/json', 400],
    ['half of a pair', Buffer.from('7b226e616d65223a22eda080227d', 'hex'), 'application/json', 400],
    ['UTF-7', Buffer.from('{"name":"+AOk-"}'), 'application/json; charset=utf-7', 415],
    ['a mark of order in front', Buffer.from(`\ufeff${json}`), 'application/json', 400],
    ['UTF-8', Buffer.from(json), 'application/json; charset=UTF-8', 201],
    ['UTF-8 in quotes', Buffer.from(json), 'application/json;charset="utf-8"', 201],
    ['UTF-8 that says nothing', Buffer.from(json), 'application/json', 201],
  ])('in %s', async (_, body, type, status) => {
    const before = await clients();
    expect(await post(body, { 'content-type': type })).toBe(status);
    expect(await clients()).toBe(before + (status === 201 ? 1 : 0));
  });

  test('that is packed is not unpacked', async () => {
    const bomb = gzipSync(Buffer.from(`{"name":"${'x'.repeat(10_000_000)}"}`));
    expect(bomb.length).toBeLessThan(64 * 1024);
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
      expect(await post(bomb, { 'content-type': 'application/json', 'content-encoding': encoding })).toBe(400);
    }
  });

  test('of a form is letters too', async () => {
    const ask = async (body: Buffer, type: string) => {
      const answer = await request(getWorld().broker.url('oauth/token'), {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      await answer.body.dump();
      return answer.statusCode;
    };
    const form = `grant_type=client_credentials&client_id=machine&client_secret=${machineSecret}&audience=https://api.example.com/`;
    const type = 'application/x-www-form-urlencoded';
    expect(await ask(Buffer.from(form), type)).toBe(200);
    // As older libraries say it; what is escaped is ASCII anyway.
    expect(await ask(Buffer.from(form), `${type}; charset=ISO-8859-1`)).toBe(200);
    expect(await ask(Buffer.from(`${form}&x=é`, 'latin1'), type)).toBe(400);
  });
});
