import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portico, porticoHere } from '../support/command-line.ts';
import { databases, useDatabase } from '../support/databases.ts';
import { addAdmin, apiWith } from '../support/management.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(databases)('portico token on %s', (database) => {
  const server = useDatabase(database);
  let world: World;
  let directory: string;
  let environment: Record<string, string>;
  const run = (...words: string[]) => porticoHere(environment, 'token', ...words);

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'portico-cli-'));
    const databaseUrl = (await server.url()) ?? `sqlite:${join(directory, 'portico.db')}`;
    environment = {
      PORTICO_DATABASE_URL: databaseUrl,
      PORTICO_DATA_DIR: directory,
      PORTICO_SEALING_KEYS: `t1:${randomBytes(32).toString('base64')}`,
    };
    world = await startWorld({
      databaseUrl,
      environment,
      change: (seed, issuerUrl) => addAdmin(seed, issuerUrl, ['read:connections', 'read:clients']),
    });
  });
  afterAll(async () => {
    await world?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('prints a token that opens everything for a day, beside the running broker, and leaves a line in the log', async () => {
    const { code, output, errors } = await portico(environment, 'token');
    expect([code, errors]).toEqual([0, '']);
    const token = output.trim();
    const claims = decodeJwt(token);
    expect(Number(claims.exp) - Number(claims.iat)).toBe(86_400);
    expect(claims).toMatchObject({
      iss: world.broker.url(''),
      aud: world.broker.url('api/v2/'),
      gty: 'client-credentials',
    });
    const api = apiWith(world, token);
    expect((await api.call('GET', '/connections')).status).toBe(200);
    expect((await api.call('PATCH', '/tenants/settings', { friendly_name: 'Told by hand' })).status).toBe(200);
    expect(await world.broker.store.logs.list(20)).toContainEqual(
      expect.objectContaining({
        type: 'sapi',
        clientId: 'portico-command-line',
        description: 'Make a token for the Management API on the command line',
      }),
    );
    expect(JSON.stringify(await world.broker.store.logs.list(20))).not.toContain(token.split('.')[2]);
  });

  test('has the scopes and the time that were asked for', async () => {
    const { output } = await run('--scope', 'read:connections', '--expires', '30m');
    const api = apiWith(world, output.trim());
    expect((await api.call('GET', '/connections')).status).toBe(200);
    expect((await api.call('GET', '/clients')).status).toBe(403);
    world.broker.clock.advance(1_801);
    expect((await api.call('GET', '/connections')).status).toBe(401);
  });

  test('in the name of an application it has what that one may', async () => {
    const { output } = await run('--client', 'admin');
    expect(decodeJwt(output.trim())).toMatchObject({
      azp: 'admin',
      sub: 'admin@clients',
      scope: 'read:connections read:clients',
    });
  });

  test.each([
    [['--client', 'nobody'], 'there is no application nobody'],
    [['--client', 'web'], 'web has no client grant'],
    [['--client', 'admin', '--scope', 'delete:clients'], 'not a scope here: delete:clients'],
    [['--scope', 'read:everything'], 'not a scope here: read:everything'],
    [['--scope', ''], 'not a scope here'],
    [['--expires', '31d'], '--expires is a time'],
    [['--expires', '0h'], '--expires is a time'],
    [['--expires', 'soon'], '--expires is a time'],
  ])('%j is refused in a sentence', async (words, sentence) => {
    expect(await run(...words)).toMatchObject({ code: 1, output: '', errors: expect.stringContaining(sentence) });
  });
});
