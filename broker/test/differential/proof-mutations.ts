import type { Draft } from './draft.ts';
import { has, set } from './draft.ts';
import type { Mutation } from './mutations.ts';
import { assertionType } from './prepare.ts';
import { type Bent, createAssertion, createProof, otherProofJwk, privateProofJwk } from './proofs.ts';

/*
 * What can be wrong with something that a client signs. Each applies only where there is such a thing to bend.
 */

type Named = readonly (readonly [string, Bent])[];

const cut = (jwt: string): string => jwt.slice(0, -4);
const swap = (jwt: string): string => jwt.replace(/.{8}$/, 'AAAAAAAA');

const anyJwt: Named = [
  ['signed by nobody', { header: { alg: 'none' }, signsWith: 'nothing' }],
  ['signed by a public key', { header: { alg: 'HS256' }, signsWith: 'the public key as a secret' }],
  ['with another algorithm in its header', { header: { alg: 'RS512' } }],
  ['with an unknown algorithm', { header: { alg: 'XS256' } }],
  ['with a critical header that nobody knows', { header: { crit: ['x'], x: 1 } }],
  ['with an empty list of critical headers', { header: { crit: [] } }],
  ['cut short', { text: cut }],
  ['with another signature', { text: swap }],
  ['without a signature', { text: (jwt) => jwt.replace(/\.[^.]*$/, '') }],
  ['in five parts', { text: (jwt) => `${jwt}.a.b` }],
  ['that is no JWT', { text: () => 'something' }],
  ['in two parts that are no JSON', { text: () => 'a.b.c' }],
  ['after a space', { text: (jwt) => ` ${jwt}` }],
  ['without jti', { claims: () => ({ jti: undefined }) }],
  ['with an empty jti', { claims: () => ({ jti: '' }) }],
  ['with a claim that nobody knows', { claims: () => ({ extra: { deep: [1] } }) }],
];

const assertions: Named = [
  ...anyJwt,
  ['that ended', { claims: (now) => ({ exp: now - 120 }) }],
  ['without an end', { claims: () => ({ exp: undefined }) }],
  ['for an hour', { claims: (now) => ({ exp: now + 3600 }) }],
  ['for four minutes', { claims: (now) => ({ exp: now + 240 }) }],
  ['with its end as text', { claims: (now) => ({ exp: String(now + 60) }) }],
  ['from the future', { claims: (now) => ({ iat: now + 600, exp: now + 240 }) }],
  ['not yet good', { claims: (now) => ({ nbf: now + 120 }) }],
  ['without iat', { claims: () => ({ iat: undefined }) }],
  ['by another client', { claims: () => ({ iss: 'web' }) }],
  ['about another client', { claims: () => ({ sub: 'web' }) }],
  ['about and by another client', { claims: () => ({ iss: 'web', sub: 'web' }) }],
  ['without sub', { claims: () => ({ sub: undefined }) }],
  ['without iss', { claims: () => ({ iss: undefined }) }],
  ['for another server', { claims: () => ({ aud: 'https://other.example/' }) }],
  ['for nobody', { claims: () => ({ aud: undefined }) }],
  ['for our token endpoint', { claims: (_, { url }) => ({ aud: `${url}/oauth/token` }) }],
  ['for us in a list', { claims: (_, { issuer }) => ({ aud: [issuer] }) }],
  ['for us and another', { claims: (_, { issuer }) => ({ aud: [issuer, 'https://other.example/'] }) }],
  ['for us in capitals', { claims: (_, { issuer }) => ({ aud: issuer.toUpperCase() }) }],
  ['with a type of its own', { header: { typ: 'client-authentication+jwt' } }],
  ['with a key of its own', { header: { jwk: otherProofJwk } }],
  ['naming a key that nobody has', { header: { kid: 'unknown' } }],
];

const proofs: Named = [
  ...anyJwt,
  ['of another type', { header: { typ: 'jwt' } }],
  ['without type', { header: { typ: undefined } }],
  ['without its key', { header: { jwk: undefined } }],
  ['with a private key', { header: { jwk: privateProofJwk } }],
  ['with the key of another', { header: { jwk: otherProofJwk } }],
  ['signed by another', { signsWith: 'another key' }],
  ['for GET', { claims: () => ({ htm: 'GET' }) }],
  ['for post', { claims: () => ({ htm: 'post' }) }],
  ['for no method', { claims: () => ({ htm: undefined }) }],
  ['for another address', { claims: (_, { url }) => ({ htu: `${url}/userinfo` }) }],
  ['for another host', { claims: () => ({ htu: 'https://other.example/oauth/token' }) }],
  ['for no address', { claims: () => ({ htu: undefined }) }],
  ['for an address that is none', { claims: () => ({ htu: '/oauth/token' }) }],
  ['an hour old', { claims: (now) => ({ iat: now - 3600 }) }],
  ['from the future', { claims: (now) => ({ iat: now + 3600 }) }],
  ['without iat', { claims: () => ({ iat: undefined }) }],
  ['with iat as text', { claims: (now) => ({ iat: String(now) }) }],
  ['without nonce', { claims: () => ({ nonce: undefined }) }],
  ['with a nonce of nobody', { claims: () => ({ nonce: 'AAAAAAAAAAAAAAAAAAAAAA' }) }],
  ['with the hash of a token', { claims: () => ({ ath: 'AAAA' }) }],
];

const isAsserting = (draft: Draft): boolean => has(draft, 'client_assertion');

/** undefined, from a step: there is nothing to bend in this request. */
export type ProofStep = { readonly title: string; readonly apply: (draft: Draft) => Draft | undefined };

export const assertionSteps: readonly ProofStep[] = [
  ...assertions.map(
    ([title, bent]): ProofStep => ({
      title: `an assertion ${title}`,
      apply: (draft) =>
        isAsserting(draft) ? set(draft, 'client_assertion', (handles) => createAssertion(handles, bent)) : undefined,
    }),
  ),
  ...['', 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer', assertionType.toUpperCase()].map(
    (type): ProofStep => ({
      title: `an assertion of type ${type}`,
      apply: (draft) => (isAsserting(draft) ? set(draft, 'client_assertion_type', type) : undefined),
    }),
  ),
  ...['keyed', 'web', 'spa', 'unknown'].map(
    (id): ProofStep => ({
      title: `an assertion beside client_id ${id}`,
      apply: (draft) => (isAsserting(draft) ? set(draft, 'client_id', id) : undefined),
    }),
  ),
];

export const dpopSteps: readonly ProofStep[] = [
  ...proofs.map(
    ([title, bent]): ProofStep => ({
      title: `a proof ${title}`,
      apply: (draft) =>
        draft.proof === undefined
          ? undefined
          : { ...draft, proof: (handles, path) => createProof(handles, path, bent) },
    }),
  ),
  {
    title: 'no proof any more',
    apply: (draft) => (draft.proof === undefined ? undefined : { ...draft, proof: undefined }),
  },
];

/** An ordinary proof where none was asked for. */
export const withProof: Mutation = { title: 'with a proof', apply: (draft) => ({ ...draft, proof: createProof }) };
