/** How long a client may take, in milliseconds. Whoever dawdles has a connection of ours for that long, and no longer. */
export type Patience = {
  /** From the connection, or the first byte of a further request, to the end of its headers. */
  readonly headersMs: number;
  /** To the end of its body. */
  readonly requestMs: number;
  /** Between two requests: longer than the minute that load balancers keep a connection for. */
  readonly idleMs: number;
  /** Nothing in either direction, while an answer is made or somebody does not read it. */
  readonly silenceMs: number;
  /** How often somebody looks at the clock. */
  readonly checkEveryMs: number;
};

export const patience: Patience = {
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 65_000,
  silenceMs: 300_000,
  checkEveryMs: 2_000,
};
