import { expect } from 'vitest';
import type { LogEvent } from '../../src/core/log-event.ts';
import { type Answer, createAgent } from '../support/agent.ts';
import { answerParameters, authorizeUrl, callback, type World } from '../support/world.ts';

/*
 * How a refusal looks from outside, and what is kept of it inside: shared by the attack cases.
 */

export type Parameters = Readonly<Record<string, string | undefined>>;

export type Begun = {
  /** The browser that began. */
  readonly agent: ReturnType<typeof createAgent>;
  /** Where the provider sends it: our callback with the provider's code and our state. */
  readonly callbackUrl: string;
  readonly state: string;
  readonly code: string;
};

/** A sign-in up to the moment in which the provider has answered and our callback has not been opened. */
export async function beginSignIn(world: World, parameters: Parameters = {}, agent = createAgent()): Promise<Begun> {
  const atProvider = await agent.follow(authorizeUrl(world, parameters), world.broker.url('login/callback'));
  const callbackUrl = atProvider.location ?? `no callback: ${atProvider.status} ${atProvider.body}`;
  const query = new URL(callbackUrl).searchParams;
  return { agent, callbackUrl, state: query.get('state') ?? '', code: query.get('code') ?? '' };
}

/** The callback's address with some parameters replaced, or left out. */
export function changed(url: string, parameters: Parameters): string {
  const copy = new URL(url);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) copy.searchParams.delete(name);
    else copy.searchParams.set(name, value);
  }
  return copy.href;
}

/** A page with status 400, no redirect, no cookie, and one event in the tenant log under the trace id that it shows. */
export async function expectPage(
  world: World,
  answer: Answer,
  { error = 'invalid_request', step = 'state' } = {},
): Promise<LogEvent> {
  expect(answer.status, answer.location ?? answer.body).toBe(400);
  expect(answer.headers['content-type']).toContain('text/html');
  expect(answer.headers).not.toHaveProperty('location');
  expect(answer.headers).not.toHaveProperty('set-cookie');
  expect(answer.body).not.toContain('http-equiv="refresh"');
  expect(answer.body).toContain(`<code>${error}: `);
  const traceId = /Trace ID<\/dt><dd><code>(tr_\w{16})<\/code>/.exec(answer.body)?.[1] ?? '';
  const events = await world.broker.store.logs.listByTrace(traceId);
  expect(events).toEqual([expect.objectContaining({ type: 'f', details: expect.objectContaining({ error, step }) })]);
  // The log takes 300 such lines a minute of one address, and a file of tests is one attacker.
  world.broker.clock.advance(0.5);
  return events[0] as LogEvent;
}

/** A redirect to the proven callback with the error, the application's state and our issuer, and nothing else. */
export function expectErrorRedirect(
  world: World,
  answer: Answer,
  { error, description }: { readonly error: string; readonly description?: string | RegExp },
): Record<string, string> {
  expect([302, 303], answer.body).toContain(answer.status);
  expect(answer.location).toMatch(new RegExp(`^${callback}\\?`));
  const parameters = answerParameters(answer);
  expect(parameters).toEqual({
    error,
    error_description:
      description instanceof RegExp ? expect.stringMatching(description) : (description ?? expect.any(String)),
    state: 'app-state',
    iss: world.broker.issuerUrl,
  });
  expect(answer.body).toBe('');
  return parameters;
}

/** The events of the tenant log that came since, newest first. */
export async function eventsSince(world: World, action: () => Promise<unknown>): Promise<readonly LogEvent[]> {
  const before = new Set((await world.broker.store.logs.list(1000)).map(({ id }) => id));
  await action();
  return (await world.broker.store.logs.list(1000)).filter(({ id }) => !before.has(id));
}

export const times = <Result>(count: number, make: (index: number) => Result): Result[] =>
  Array.from({ length: count }, (_, index) => make(index));
