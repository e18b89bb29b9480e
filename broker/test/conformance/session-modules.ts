import { expect } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { type Op, openSilently, readFields, signIn } from './relying-party.ts';

/*
 * Modules about who is signed in already.
 */

/** How often the provider was asked to sign somebody in. */
const askedOf = ({ world }: Op): number => world.provider.counts.authorize;

export const sessionModules = {
  async 'oidcc-prompt-login'(op: Op) {
    const first = await signIn(op);
    op.world.broker.clock.advance(2);
    const before = askedOf(op);
    const second = await signIn(op, { prompt: 'login' }, first.agent);
    expect(askedOf(op)).toBe(before + 1);
    expect(second.claims.sub).toBe(first.claims.sub);
    if (first.claims.auth_time !== undefined) {
      expect(Number(second.claims.auth_time)).toBeGreaterThan(Number(first.claims.auth_time));
    }
  },
  async 'oidcc-prompt-none-not-logged-in'(op: Op) {
    expect(readFields(op, await openSilently(op, createAgent()))).toMatchObject({
      error: 'login_required',
      state: 'state-of-the-suite',
    });
  },
  async 'oidcc-prompt-none-logged-in'(op: Op) {
    const first = await signIn(op);
    const before = askedOf(op);
    const second = await signIn(op, { connection: undefined, prompt: 'none' }, first.agent);
    expect(askedOf(op)).toBe(before);
    expect(second.claims).toMatchObject(pick(first.claims));
  },
  async 'oidcc-max-age-1'(op: Op) {
    const first = await signIn(op);
    op.world.broker.clock.advance(2);
    const before = askedOf(op);
    const second = await signIn(op, { max_age: '1' }, first.agent);
    expect(askedOf(op)).toBe(before + 1);
    expect(second.claims.sub).toBe(first.claims.sub);
    if (second.idToken !== '') {
      expect(second.claims.auth_time).toEqual(expect.any(Number));
      expect(Number(second.claims.auth_time)).toBeGreaterThan(Number(first.claims.iat));
    }
  },
  async 'oidcc-max-age-10000'(op: Op) {
    const first = await signIn(op, { max_age: '10000' });
    const before = askedOf(op);
    const second = await signIn(op, { connection: undefined, prompt: 'none', max_age: '10000' }, first.agent);
    expect(askedOf(op)).toBe(before);
    if (second.idToken !== '') expect(second.claims.auth_time).toEqual(expect.any(Number));
    expect(second.claims).toMatchObject(pick(first.claims));
  },
  async 'oidcc-id-token-hint'(op: Op) {
    const first = await signIn(op);
    const hinted = { connection: undefined, prompt: 'none', id_token_hint: first.idToken };
    const second = await signIn(op, hinted, first.agent);
    expect(second.claims.sub).toBe(first.claims.sub);
  },
};

/** The same person, signed in at the same time. */
const pick = ({ sub, auth_time: authTime }: { readonly [name: string]: unknown }) => ({
  ...(sub === undefined ? {} : { sub }),
  ...(authTime === undefined ? {} : { auth_time: authTime }),
});
