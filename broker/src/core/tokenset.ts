/** The tokens that one upstream gave for one identity. Lives in memory only; at rest it is sealed. */
export type Tokenset = {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Kept as it came; trusted only where upstream/ verified it. */
  readonly idToken: string | undefined;
  readonly tokenType: string;
  readonly scope: string | undefined;
  /** undefined: the upstream did not say. */
  readonly expiresAt: Date | undefined;
};
