import {
  acceptedAuthorizeDrafts,
  authorizeDrafts,
  authorizeNames,
  withAuthorizeParameter,
} from './authorize-drafts.ts';
import { authorizeSpecifics } from './authorize-mutations.ts';
import {
  deviceDrafts,
  furtherTokenDrafts,
  parDrafts,
  pushedDrafts,
  refusedTokenDrafts,
  revokeDrafts,
} from './direct-drafts.ts';
import type { Draft } from './draft.ts';
import { has } from './draft.ts';
import { type Mutation, parameterMutations, specifics, writingMutations } from './mutations.ts';
import { pinnedDrafts } from './pinned.ts';
import { assertionSteps, dpopSteps, type ProofStep, withProof } from './proof-mutations.ts';
import type { Seeded } from './seeded.ts';
import { spentDrafts, tokenDrafts, tokenNames, withTokenParameter } from './token-drafts.ts';
import { directSpecifics, tokenSpecifics } from './token-mutations.ts';

/*
 * Every request of a run: each valid one, each mutation alone on valid ones that the seed picks, and two at a time until
 * there are as many as were asked for.
 */

export type Part = 'authorize' | 'token' | 'direct';
/** How many requests each part sends at least: 20,000 together. */
export const partSizes: Readonly<Record<Part, number>> = { authorize: 9_000, token: 7_500, direct: 3_500 };

/** A mutation, after whatever the request must have for it; undefined where it has no sense. */
type Step = ProofStep;
type Source = { readonly drafts: readonly Draft[]; readonly steps: readonly Step[] };

export function generateDrafts(seeded: Seeded, part: Part): readonly Draft[] {
  const { plain, once, twice } = parts[part];
  const pinned = pinnedDrafts.filter(({ endpoint }) => partOf(endpoint) === part);
  const drafts = [...plain, ...pinned, ...once.flatMap((source) => mutateOnce(seeded, source))];
  while (drafts.length < partSizes[part]) drafts.push(mutateTwice(seeded, seeded.pick(twice)));
  return drafts;
}

export const partOf = (endpoint: Draft['endpoint']): Part =>
  endpoint === 'authorize' || endpoint === 'token' ? endpoint : 'direct';

const stepsFor = (
  names: readonly string[],
  withParameter: (draft: Draft, name: string) => Draft | undefined,
  others: readonly Step[],
): readonly Step[] => [
  ...names.flatMap((name) =>
    parameterMutations(name).map(({ title, apply }) => ({
      title,
      apply: (draft: Draft) => {
        const whole = withParameter(draft, name);
        return whole === undefined ? undefined : apply(whole);
      },
    })),
  ),
  ...others,
  ...writingMutations,
];

const onlyPresent = (draft: Draft, name: string): Draft | undefined => (has(draft, name) ? draft : undefined);

const authorizeSteps = stepsFor(authorizeNames, withAuthorizeParameter, authorizeSpecifics);
const pushedSteps = stepsFor(['client_id', 'request_uri'], onlyPresent, authorizeSpecifics);
const tokenSteps = stepsFor(tokenNames, withTokenParameter, [
  ...tokenSpecifics,
  ...assertionSteps,
  ...dpopSteps,
  withProof,
]);
const direct: readonly Mutation[] = [...directSpecifics, withProof];
const parSteps = stepsFor([...authorizeNames, 'client_secret'], onlyPresent, [
  ...authorizeSpecifics,
  ...direct,
  ...assertionSteps,
  ...dpopSteps,
]);
const hints = specifics({ token_type_hint: ['access_token', 'refresh_token', 'id_token', ''], token: ['x', 'v1.x'] });
const revokeSteps = stepsFor(['token', 'token_type_hint', 'client_id', 'client_secret'], onlyPresent, [
  ...hints,
  ...direct,
  ...assertionSteps,
]);
const deviceSteps = stepsFor(['client_id', 'scope'], onlyPresent, [
  ...specifics({ scope: ['openid', 'unknown', 'openid offline_access'], audience: ['https://unknown.example.com/'] }),
  ...direct,
]);

const allTokenDrafts = [...tokenDrafts, ...furtherTokenDrafts];

type Plan = { readonly plain: readonly Draft[]; readonly once: readonly Source[]; readonly twice: readonly Source[] };

const parts: Readonly<Record<Part, Plan>> = {
  authorize: {
    plain: [...authorizeDrafts, ...pushedDrafts],
    once: [
      { drafts: acceptedAuthorizeDrafts, steps: authorizeSteps },
      { drafts: pushedDrafts, steps: pushedSteps },
    ],
    twice: [
      ...Array.from({ length: 9 }, () => ({ drafts: acceptedAuthorizeDrafts, steps: authorizeSteps })),
      { drafts: pushedDrafts, steps: pushedSteps },
    ],
  },
  token: {
    plain: [...allTokenDrafts, ...spentDrafts, ...refusedTokenDrafts],
    once: [{ drafts: allTokenDrafts, steps: tokenSteps }],
    twice: [{ drafts: [...allTokenDrafts, ...spentDrafts, ...refusedTokenDrafts], steps: tokenSteps }],
  },
  direct: {
    plain: [...parDrafts, ...revokeDrafts, ...deviceDrafts],
    once: [
      { drafts: parDrafts, steps: parSteps },
      { drafts: revokeDrafts, steps: revokeSteps },
      { drafts: deviceDrafts, steps: deviceSteps },
    ],
    twice: [
      { drafts: parDrafts, steps: parSteps },
      { drafts: parDrafts, steps: parSteps },
      { drafts: revokeDrafts, steps: revokeSteps },
      { drafts: deviceDrafts, steps: deviceSteps },
    ],
  },
};

/** One request of this part, without end: two mutations on any of its drafts. */
export const generateBent = (seeded: Seeded, part: Part): Draft => mutateTwice(seeded, seeded.pick(parts[part].twice));

const singleRounds = 2;

const mutateOnce = (seeded: Seeded, { drafts, steps }: Source): readonly Draft[] =>
  steps.flatMap((step) => Array.from({ length: singleRounds }, () => pickAndApply(seeded, drafts, () => [step])));

const mutateTwice = (seeded: Seeded, { drafts, steps }: Source): Draft =>
  pickAndApply(seeded, drafts, () => [seeded.pick(steps), seeded.pick(steps)]);

/** Picks again where the steps have no sense for the draft: a refresh has no code to bend. */
function pickAndApply(seeded: Seeded, drafts: readonly Draft[], pickSteps: () => readonly Step[]): Draft {
  for (let tries = 0; tries < 1000; tries += 1) {
    const draft = seeded.pick(drafts);
    const steps = pickSteps();
    const mutated = steps.reduce<Draft | undefined>((done, step) => done && step.apply(done), draft);
    if (mutated !== undefined)
      return { ...mutated, title: [draft.title, ...steps.map(({ title }) => title)].join(' | ') };
  }
  throw new Error(`no request to make by ${pickSteps()[0]?.title}`);
}
