import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { printCorpus } from './print-corpus.ts';
import { type CorpusResult, runCorpus } from './run-corpus.ts';

const directory = mkdtempSync(join(tmpdir(), 'portico-corpus-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const write = (name: string, source: string): string => {
  const file = join(directory, name);
  writeFileSync(file, source);
  return file;
};
const outcomesOf = (result: CorpusResult, file: string): string[] => {
  const found = result.files.find((entry) => entry.file === file);
  if (found === undefined) throw new Error(`${file} was not tried`);
  return [found.success, found.error, found.http500, found.html].map(({ outcome }) => outcome);
};

/** Scripts in the habits of those that are found: name, text, and their outcomes in the four scenarios. */
const scripts: [name: string, source: string, outcomes: string[]][] = [
  [
    'plain.js',
    `function (a, ctx, cb) { request.get('https://p.example/me', { headers: { Authorization: 'Bearer ' + a } }, function (e, r, b) {
      if (e) return cb(e); if (r.statusCode !== 200) return cb(new Error('StatusCode: ' + r.statusCode));
      var p = JSON.parse(b); if (p.error) return cb(new Error(p.error)); cb(null, { user_id: p.data.user.id, picture: p.data.images[0].url, name: p.first.trim() + p.last }); }); }`,
    ['ok', 'callback', 'callback', 'runtime'],
  ],
  [
    'lists.js',
    `async (a, ctx, cb) => { const r = await fetch('https://p.example/me'); if (!r.ok) return cb(new Error('no')); const b = await r.json();
      const [first] = b.emails.filter((m) => m.primary); const groups = b.groups.map((g) => g.name); for (const one of b.roles) groups.push(one.title);
      cb(null, { ...b, user_id: b.id, email: first.value, groups }) }`,
    ['ok', 'runtime', 'callback', 'runtime'],
  ],
  [
    'token.js',
    `function (a, ctx, cb) { const t = require('jsonwebtoken@8.5.0').decode(ctx.id_token); cb(null, { user_id: t.sub, org: ctx.team.id, tid: t.made_up.deep }) }`,
    ['ok', 'runtime', 'runtime', 'runtime'],
  ],
  [
    'verified.js',
    `function (a, ctx, cb) { request('https://p.example/keys', (e, r, b) => { if (e) return cb(e); require('jsonwebtoken').verify(ctx.id_token, JSON.parse(b).keys[0].x5c[0], (err, t) => cb(err, { user_id: t && t.sub })) }) }`,
    ['ok', 'callback', 'runtime', 'runtime'],
  ],
  [
    'xml.js',
    `function (a, ctx, cb) { request('https://p.example/me', (e, r, b) => { if (e) return cb(e); require('xml2js').parseString(b, (err, x) => err ? cb(err) : cb(null, { user_id: x.user.id[0]._ })) }) }`,
    ['ok', 'callback', 'callback', 'runtime'],
  ],
  ['never.js', `function (a, ctx, cb) { profile = 1 }`, ['contract', 'contract', 'contract', 'contract']],
  ['broken.js', `function function (a, ctx, cb) {}`, ['syntax', 'syntax', 'syntax', 'syntax']],
  ['undeclared.js', `function (a, ctx, cb) { cb(null, profile) }`, ['runtime', 'runtime', 'runtime', 'runtime']],
];

describe('profile scripts', () => {
  let result: CorpusResult;
  beforeAll(async () => {
    result = await runCorpus(
      scripts.map(([name, source]) => write(name, source)),
      { kind: 'profile', clock: systemClock },
    );
  });

  test.each(scripts)('%s ends as it must in every scenario', (name, _source, outcomes) => {
    const found = outcomesOf(result, join(directory, name));
    expect(found.slice(0, 3)).toEqual(outcomes.slice(0, 3));
    // Where HTML meets a parser of XML, the parser decides who throws.
    if (name !== 'xml.js') expect(found[3]).toBe(outcomes[3]);
    else expect(['callback', 'runtime']).toContain(found[3]);
  });

  test('each result says how long the end was after its cause, and the table the longest of each script', () => {
    for (const { file, ...scenarios } of result.files) {
      const runs = Object.values(scenarios);
      for (const { ms, afterCauseMs } of runs) {
        expect(afterCauseMs).toBeGreaterThanOrEqual(0);
        expect(afterCauseMs).toBeLessThanOrEqual(ms);
      }
      const failed = runs.filter(({ outcome }) => outcome !== 'ok').map(({ afterCauseMs }) => afterCauseMs);
      expect(printCorpus(result)).toMatch(new RegExp(`^${basename(file)} .* ${Math.max(...failed)} ms$`, 'm'));
    }
  });

  test('the summary counts the success scenario, and what failed says why', () => {
    expect(result.summary).toEqual({ total: 8, success: 5, failed: 3, hangs: 0 });
    const text = printCorpus(result);
    expect(text).toContain('undeclared.js: ReferenceError: profile is not defined (line 1)');
    expect(text).toContain('8 scripts: 5 succeed, 3 do not; 0 hang in any scenario');
  });
});

test('Actions and Rules are tried by their own entries', async () => {
  const action = write(
    'action.js',
    `exports.onExecutePostLogin = async (event, api) => { const r = await fetch('https://' + event.secrets.DOMAIN + '/x'); const { roles } = await r.json(); api.idToken.setCustomClaim('https://x/roles', roles.map((role) => role.name)) }`,
  );
  const rule = write(
    'rule.js',
    `function (user, context, callback) { request(configuration.URL, (e, r, b) => { if (e) return callback(e); context.idToken['https://x/a'] = JSON.parse(b).a; callback(null, user, context) }) }`,
  );
  const actions = await runCorpus([action], { kind: 'action', clock: systemClock });
  const rules = await runCorpus([rule], { kind: 'rule', clock: systemClock });
  expect(outcomesOf(actions, action)[0]).toBe('ok');
  expect(outcomesOf(rules, rule)[0]).toBe('ok');
});
