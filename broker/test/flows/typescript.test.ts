import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { codeOf, originalOf } from '../../src/sandbox/compiled-script.ts';
import { createVault } from '../../src/vault/vault.ts';
import { signIn, startWorld } from '../support/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'portico-typescript-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const source = `enum Mood { Bad = 'no profile today' }
type Callback = (error: unknown, profile?: object) => void;
function fetchUserProfile(accessToken: string, ctx: object, callback: Callback) {
  const thrown: Error = new Error(Mood.Bad); throw thrown;
}`;

describe('TypeScript in a connection', () => {
  test('a script of the seed file is compiled when it is read, kept as it was written, and its errors point into it', async () => {
    writeFileSync(join(directory, 'profile.ts'), source);
    const environment = { PORTICO_SEALING_KEYS: `t1:${Buffer.from([...Array(32).keys()]).toString('base64')}` };
    const world = await startWorld({
      environment,
      change: ({ connections }) => {
        const scripted = connections.find(({ name }) => name === 'scripted');
        Object.assign(scripted?.options ?? {}, {
          scripts: { fetchUserProfile: { file: join(directory, 'profile.ts') } },
        });
      },
    });
    try {
      const { answer } = await signIn(world, { connection: 'scripted' });
      expect(answer).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringContaining('no profile today'),
      });
      const { keyring } = readConfig({ ...environment, PORTICO_DATA_DIR: directory });
      const vault = createVault({ keyring });
      const [attempt] = (await world.broker.store.attempts.listFailed(1)).map((stored) => vault.openAttempt(stored));
      expect(attempt?.runs).toMatchObject([
        { filename: 'scripted.fetchUserProfile.ts', outcome: { kind: 'runtime', line: 4, column: 25 } },
      ]);
      const stored = (await world.broker.store.connections.list()).find(({ name }) => name === 'scripted');
      const scripts = stored && vault.openConnection(stored).options.scripts;
      expect(scripts?.fetchUserProfileTypescript).toBe(source);
      expect(codeOf(scripts?.fetchUserProfile ?? '')).not.toMatch(/enum|: string/);
      expect(originalOf(scripts?.fetchUserProfile ?? '')).toBe(source);
    } finally {
      await world.close();
    }
  });

  test('a file that is missing and TypeScript that cannot be compiled are problems of the configuration, each with its place', () => {
    writeFileSync(join(directory, 'cut.ts'), 'function f() {\n  enum A { B\n}');
    const connection = (name: string, script: unknown) => ({
      name,
      strategy: 'oauth2',
      options: { scripts: { fetchUserProfile: script } },
    });
    const seed = { connections: [connection('one', { file: 'missing.js' }), connection('two', { file: 'cut.ts' })] };
    writeFileSync(join(directory, 'seed.json'), JSON.stringify(seed));
    const read = () => readConfig({ PORTICO_DATA_DIR: directory, PORTICO_SEED: join(directory, 'seed.json') });
    expect(read).toThrow(/\/connections\/0\/options\/scripts\/fetchUserProfile: cannot read missing\.js/);
    expect(read).toThrow(/\/connections\/1\/options\/scripts\/fetchUserProfile: cut\.ts:\d .+/);
  });
});
