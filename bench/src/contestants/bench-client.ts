/** The application that people sign in to, the same at every contestant. */
export type BenchClient = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly rotation: 'rotating' | 'non-rotating';
};

const clientNamed = (clientId: string, rotation: BenchClient['rotation']): BenchClient => ({
  clientId,
  clientSecret: `the-secret-of-${clientId}-0123456789-0123456789-0123456789`,
  redirectUri: 'https://app.example/callback',
  rotation,
});

export const benchClient = clientNamed('bench', 'non-rotating');
export const rotatingClient = clientNamed('bench-rotating', 'rotating');

/** The API whose audience makes access tokens JWTs. */
export const api = { audience: 'https://api.example/things', scope: 'read:things' };
