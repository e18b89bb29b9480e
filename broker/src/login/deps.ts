import type { Actions } from '../actions/actions.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { ErrorFacts } from '../http/respond-error.ts';
import type { HttpReply, HttpRequest } from '../http/route.ts';
import type { AuthenticateClient } from '../issuer/authenticate-client.ts';
import type { ProofOfPossession } from '../issuer/dpop/proof-of-possession.ts';
import type { Keys } from '../issuer/keys.ts';
import type { Minter } from '../issuer/mint.ts';
import type { Sessions } from '../issuer/sessions.ts';
import type { Store } from '../store/store.ts';
import type { Directory } from '../tenant/directory.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Users } from '../users/users.ts';
import type { Attempts } from './attempts.ts';
import type { Browsers } from './browsers.ts';
import type { Events } from './events.ts';

/** What the browser's road needs. */
export type LoginDeps = {
  readonly store: Store;
  readonly directory: Directory;
  readonly upstream: Upstream;
  readonly users: Users;
  readonly actions: Actions;
  readonly sessions: Sessions;
  readonly browsers: Browsers;
  readonly minter: Minter;
  readonly keys: Keys;
  readonly authenticateClient: AuthenticateClient;
  readonly proofs: ProofOfPossession;
  readonly events: Events;
  /** A page for a person, in their language. */
  readonly showError: (facts: ErrorFacts, request: HttpRequest) => Promise<HttpReply>;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly random: Random;
  /** With the slash at its end. */
  readonly issuerUrl: string;
};
