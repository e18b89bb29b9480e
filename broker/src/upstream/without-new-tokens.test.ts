import { expect, test } from 'vitest';
import type { TraceId } from '../core/ids.ts';
import { createTrace } from '../core/trace.ts';
import type { RecordedRun } from '../sandbox/recording-sandbox.ts';
import { withoutNewTokens } from './without-new-tokens.ts';

const run = {
  filename: 'acme.tokenExchange.js',
  source: 'function (config, callback) {}',
  entry: { kind: 'callback', arguments: [] },
  modules: [],
  exchanges: [],
  ms: 1,
  limits: {},
} as unknown as RecordedRun;

function keptOf(given: Partial<RecordedRun>): RecordedRun {
  const trace = createTrace('trace-1' as TraceId, () => 0);
  withoutNewTokens(trace).keepRun?.(() => ({ ...run, ...given }));
  return trace.runs[0]?.() as RecordedRun;
}

test('a token exchange that succeeded is kept with the form of its tokens, not with the tokens', () => {
  const value = {
    access_token: 'short',
    token_type: 'Bearer',
    expires_in: 60,
    nested: { id_token: 'e30.e30.c2ln', list: ['text', 1] },
  };
  const consoleLines = [{ level: 'log', text: 'got short' }] as const;
  const kept = keptOf({ outcome: { ok: true, value }, consoleLines });
  expect(kept.outcome).toEqual({
    ok: true,
    value: {
      access_token: '[hidden]',
      token_type: 'Bearer',
      expires_in: 60,
      nested: { id_token: '[hidden]', list: ['[hidden]', 1] },
    },
  });
  expect(kept.consoleLines).toEqual([{ level: 'log', text: 'got [hidden]' }]);
});

test('one that failed is kept without anything that has the form of a token', () => {
  const token = 'NEW-TOKEN-a1b2c3d4e5f6g7h8';
  const text = `{"access_token":"${token}"}`;
  const outcome = { ok: false, kind: 'callback', message: text, stack: text } as const;
  const kept = keptOf({ outcome, consoleLines: [{ level: 'log', text }] });
  expect(JSON.stringify(kept)).not.toContain('a1b2c3d4');
  expect(kept).toMatchObject({ filename: 'acme.tokenExchange.js', outcome: { kind: 'callback' } });
});
