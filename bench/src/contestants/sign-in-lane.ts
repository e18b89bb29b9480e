import { type CodeFlow, isJwt, signIn, subjectOf } from '../load/code-flow.ts';
import type { HttpClient } from '../load/http-client.ts';
import { type Lane, loops } from '../load/lane.ts';
import type { BenchClient } from './bench-client.ts';

export const signInScope = 'openid profile email read:things';

export type SignInLane = {
  readonly name: string;
  readonly pid: number;
  readonly http: HttpClient;
  readonly flow: CodeFlow;
  readonly client: BenchClient;
};

/** Sign-ins at an issuer that mints a JWT access token and an ID token: two RSA signatures, a new subject each time. */
export function signInLane({ name, pid, http, flow, client }: SignInLane): Lane {
  const subjects = new Set<string>();
  return {
    name,
    pid,
    signatures: 2,
    run: loops(async () => {
      const tokens = await signIn(http, flow, client, signInScope);
      if (!isJwt(tokens.access_token)) throw new Error('the access token is not a JWT');
      const subject = subjectOf(tokens.id_token);
      if (subjects.has(subject)) throw new Error(`${subject} signed in twice`);
      subjects.add(subject);
    }),
  };
}
