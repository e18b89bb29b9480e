import { expect } from 'vitest';
import type { Agent } from '../support/agent.ts';
import { type Application, readWebMessage, refresh, silentUrl } from '../support/applications.ts';
import { type Reachable, redeem } from '../support/world.ts';

/*
 * What a client knows for certain: everything in here came with an answer. A request without answer takes its entry out
 * for good, since either outcome is right then.
 */

/** A refresh token that nobody is using at the moment. */
export type Chain = { readonly application: Application; readonly personId: string; token: string };

export type Ledger = {
  /** People whose sign-in ended with tokens. */
  readonly people: Set<string>;
  readonly chains: Set<Chain>;
  /** Codes that came back from a sign-in and have not been sent to /oauth/token. */
  readonly codes: Set<string>;
  /** Browsers whose last sign-in was answered. */
  readonly browsers: Set<Agent>;
  readonly acknowledged: { signIns: number; refreshes: number };
};

export const createLedger = (): Ledger => ({
  people: new Set(),
  chains: new Set(),
  codes: new Set(),
  browsers: new Set(),
  acknowledged: { signIns: 0, refreshes: 0 },
});

const parallel = 16;

async function eachInParallel<Item>(items: Iterable<Item>, work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** Every entry must still be worth what its answer said. */
export async function checkLedger(world: Reachable, ledger: Ledger): Promise<void> {
  await eachInParallel(ledger.codes, async (code) => {
    const { status, body } = await redeem(world, code);
    expect({ code, status, body }).toMatchObject({ status: 200, body: { access_token: expect.any(String) } });
  });
  ledger.codes.clear();
  await eachInParallel(ledger.browsers, async (agent) => {
    const page = await agent.get(silentUrl(world));
    expect(readWebMessage(page.body).response).toMatchObject({ code: expect.any(String) });
  });
  ledger.browsers.clear();
  await eachInParallel(ledger.chains, async (chain) => {
    const { status, body } = await refresh(world, chain.application, chain.token);
    expect({ chain, status, body }).toMatchObject({ status: 200, body: { refresh_token: expect.any(String) } });
    chain.token = String(body.refresh_token);
  });
}
