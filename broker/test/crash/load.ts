import { createAgent } from '../support/agent.ts';
import { addPerson, obtainTokens, refresh, spa, web } from '../support/applications.ts';
import type { Provider } from '../support/provider.ts';
import { type Reachable, signIn } from '../support/world.ts';
import type { Ledger } from './ledger.ts';

const signInWorkers = 8;
const refreshWorkers = 4;
const scope = 'openid profile email offline_access';

export type Load = {
  /** Resolves when so many more sign-ins and so many more refreshes have been answered. */
  reached(signIns: number, refreshes: number): Promise<void>;
  /** Resolves when every worker has lost the broker; rejects if one got an answer that it should not have got. */
  readonly ended: Promise<void>;
};

/** Sign-ins of new people and refreshes of what they got, side by side, until the broker is gone. */
export function startLoad(world: Reachable & { readonly provider: Provider }, ledger: Ledger): Load {
  const waiting = new Set<() => void>();
  const tell = () => {
    for (const look of waiting) look();
  };

  async function signInSomebody(turn: number): Promise<void> {
    const agent = createAgent();
    const { id } = addPerson(world);
    if (turn % 4 === 0) {
      const { answer } = await signIn(world, { login_hint: id, scope }, agent);
      if (answer.code === undefined) throw new WrongAnswer(`sign-in: ${JSON.stringify(answer)}`);
      ledger.codes.add(answer.code);
    } else {
      const application = turn % 2 === 0 ? web : spa;
      const tokens = await obtainTokens(world, application, { login_hint: id, scope }, agent);
      ledger.chains.add({ application, personId: id, token: tokens.refresh_token ?? '' });
    }
    ledger.people.add(id);
    ledger.browsers.add(agent);
    ledger.acknowledged.signIns += 1;
  }

  async function refreshOne(): Promise<void> {
    const [chain] = ledger.chains;
    if (chain === undefined) return new Promise((resolve) => setImmediate(resolve));
    // Out while it is under way; back with the answer, at the end of the line.
    ledger.chains.delete(chain);
    const { status, body } = await refresh(world, chain.application, chain.token);
    if (status !== 200) throw new WrongAnswer(`refresh: ${status} ${JSON.stringify(body)}`);
    chain.token = String(body.refresh_token);
    ledger.chains.add(chain);
    ledger.acknowledged.refreshes += 1;
  }

  async function repeat(work: (turn: number) => Promise<void>): Promise<void> {
    for (let turn = 1; ; turn += 1) {
      try {
        await work(turn);
      } catch (error) {
        if (isLostConnection(error)) return;
        throw error;
      } finally {
        tell();
      }
    }
  }

  const workers = [
    ...Array.from({ length: signInWorkers }, () => repeat(signInSomebody)),
    ...Array.from({ length: refreshWorkers }, () => repeat(refreshOne)),
  ];
  const ended = Promise.all(workers).then(() => undefined);

  return {
    ended,
    reached(signIns, refreshes) {
      const { acknowledged } = ledger;
      const wanted = { signIns: acknowledged.signIns + signIns, refreshes: acknowledged.refreshes + refreshes };
      const enough = new Promise<void>((resolve) => {
        const look = () => {
          if (acknowledged.signIns < wanted.signIns || acknowledged.refreshes < wanted.refreshes) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
      return Promise.race([enough, ended]);
    },
  };
}

class WrongAnswer extends Error {}

const lostCodes = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'ECONNREFUSED', 'EPIPE']);

const isLostConnection = (error: unknown): boolean => lostCodes.has((error as NodeJS.ErrnoException).code ?? '');
