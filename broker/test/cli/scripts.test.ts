import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portico } from '../support/command-line.ts';

const token = 'at-0123456789-secret';
let asked = 0;
const provider = createServer((request, response) => {
  asked += 1;
  const isKnown = request.headers['authorization'] === `Bearer ${token}`;
  response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ id: 9, name: 'Ada', seen: request.headers['authorization'] }));
});
let directory: string;
let origin: string;
const at = (name: string): string => join(directory, name);
const run = (...words: string[]) => portico({ PORTICO_EGRESS_ALLOW: 'loopback' }, ...words);

const profileScript = (name: string): string => `interface Person { id: number; name: string }

(accessToken: string, ctx: { region: string }, callback: (error: unknown, profile?: object) => void): void => {
  console.log('region', ctx.region);
  request.get({ url: '${origin}/me', auth: { bearer: accessToken }, json: true },
    (error: unknown, response: object, body: Person) => {
      if (error) return callback(error);
      callback(null, { user_id: body.id, name: body.${name}, plan: { level: 1 } });
    });
}
`;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'portico-scripts-'));
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('portico scripts', () => {
  test('run asks the provider and records a fixture without the token; test passes it, and shows what a change breaks', async () => {
    writeFileSync(at('profile.ts'), profileScript('name'));
    writeFileSync(at('token.txt'), `${token}\n`);
    const ctx = JSON.stringify({ region: 'eu', access_token: token });
    const recorded = await run(
      ...['scripts', 'run', at('profile.ts'), '--token', `@${at('token.txt')}`, '--ctx', ctx],
      ...['--record', at('ada.fixture.json')],
    );
    expect(recorded).toMatchObject({ code: 0, errors: '' });
    expect(recorded.output).toContain('region eu');
    expect(recorded.output).toContain('"user_id": "9"');
    expect(asked).toBe(1);
    const fixture = readFileSync(at('ada.fixture.json'), 'utf8');
    expect(fixture).not.toContain(token);
    expect(JSON.parse(fixture)).toMatchObject({
      script: 'profile.ts',
      expected: { profile: { user_id: '9', name: 'Ada', plan: { level: 1 } } },
    });

    expect(await run('scripts', 'test', directory)).toMatchObject({
      code: 0,
      errors: '',
      output: expect.stringContaining('1 of 1 passed'),
    });

    writeFileSync(at('profile.ts'), profileScript('id').replace('level: 1', 'level: 2'));
    const broken = await run('scripts', 'test', directory, '--junit', at('report.xml'));
    expect(broken.code).toBe(1);
    expect(broken.output).toContain('- profile.name: "Ada"\n     + profile.name: 9');
    expect(broken.output).toContain('- profile.plan.level: 1\n     + profile.plan.level: 2');
    const report = readFileSync(at('report.xml'), 'utf8');
    expect(report).toContain('<testsuite name="portico scripts" tests="1" failures="1">');
    expect(report).toContain('<failure message="- profile.name: &quot;Ada&quot;">');
    const { output } = await run('scripts', 'test', directory, '--json');
    expect(JSON.parse(output)).toMatchObject({ summary: { total: 1, passed: 0, failed: 1 } });
    expect(asked, 'tests are offline').toBe(1);
  });

  test('an error in TypeScript names the line and column as they were written', async () => {
    writeFileSync(
      at('throws.ts'),
      'type T = { a: string };\n\nfunction profile(token: string, ctx: T): void {\n  const x: string = ctx.a; throw new Error(x);\n}\n',
    );
    const thrown = await run('scripts', 'run', at('throws.ts'), '--token', token, '--ctx', '{"a":"no luck"}', '--json');
    expect(thrown.code).toBe(1);
    expect(JSON.parse(thrown.output).run.outcome).toMatchObject({
      kind: 'runtime',
      message: expect.stringContaining('no luck'),
      line: 4,
      column: 34,
    });
    expect(thrown.output).toContain('throws.ts:4:34');
    writeFileSync(at('cut.ts'), 'function f() {\n\n  const level: number = ;\n}\n');
    const refused = await run('scripts', 'run', at('cut.ts'), '--token', token);
    expect(refused).toMatchObject({ code: 1, output: '' });
    expect(refused.errors).toContain('cut.ts:3: Unexpected ";"');
  });

  test('what cannot be run is told, and nothing else is written', async () => {
    const cases: [string[], string][] = [
      [['scripts', 'run', at('missing.js'), '--token', token], 'cannot read'],
      [['scripts', 'run', at('profile.ts')], "required option '--token <token>' not specified"],
      [['scripts', 'run', at('profile.ts'), '--token', token, '--ctx', '[]'], '--ctx must be a JSON object'],
      [['scripts', 'test', at('nowhere')], 'there is no folder'],
    ];
    for (const [words, text] of cases) {
      const result = await run(...words);
      expect(result).toMatchObject({ code: 1, output: '' });
      expect(result.errors).toContain(text);
    }
    writeFileSync(at('bad.fixture.json'), '{"format":"portico-fixture-1"}');
    const bad = await run('scripts', 'test', directory);
    expect(bad.code).toBe(1);
    expect(bad.output).toContain('bad.fixture.json is not a fixture');
  });
});
