import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Keys } from '../issuer/keys.ts';
import type { Store } from '../store/store.ts';
import type { Directory } from '../tenant/directory.ts';
import type { Vault } from '../vault/vault.ts';
import type { Audit } from './audit.ts';

/** What the endpoints are made with. */
export type ManagementDeps = {
  readonly store: Store;
  readonly directory: Directory;
  readonly vault: Vault;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly issuerUrl: string;
  readonly audit: Audit;
  /** To be called once a job is written. */
  readonly startJobs: () => void;
  /** To be called once sessions have ended: applications may have to be told. */
  readonly tellApplications: () => void;
  /** Whether every script has a module of this name, so that no Action needs to bring it. */
  readonly isBundledModule: (name: string) => boolean;
};
