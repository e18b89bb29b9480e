import type { Store } from '../store.ts';

/** What the tests are about; filled before they run. */
export type Subject = {
  store: Store;
  url: string;
  /** What the store reported to onError. */
  errors: unknown[];
  /** The URL of another, empty database. */
  createUrl: () => Promise<string>;
};
