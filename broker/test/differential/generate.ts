import {
  acceptedAuthorizeDrafts,
  authorizeDrafts,
  authorizeNames,
  withAuthorizeParameter,
} from './authorize-drafts.ts';
import { authorizeSpecifics } from './authorize-mutations.ts';
import type { Draft } from './draft.ts';
import { type Mutation, parameterMutations, writingMutations } from './mutations.ts';
import { pinnedDrafts } from './pinned.ts';
import type { Seeded } from './seeded.ts';
import { spentDrafts, tokenDrafts, tokenNames, withTokenParameter } from './token-drafts.ts';
import { tokenSpecifics } from './token-mutations.ts';

/*
 * Every request of a run: each valid one, each mutation alone on valid ones that the seed picks, and two at a time.
 */

const singleRounds = 2;
const pairs = { authorize: 600, token: 450 } as const;

export function generateDrafts(seeded: Seeded): readonly Draft[] {
  const authorize = { drafts: acceptedAuthorizeDrafts, steps: authorizeSteps };
  const token = { drafts: [...tokenDrafts, ...spentDrafts], steps: tokenSteps };
  return [
    ...authorizeDrafts,
    ...tokenDrafts,
    ...spentDrafts,
    ...pinnedDrafts,
    ...mutateOnce(seeded, authorize),
    ...mutateOnce(seeded, { ...token, drafts: tokenDrafts }),
    ...mutateTwice(seeded, authorize, pairs.authorize),
    ...mutateTwice(seeded, token, pairs.token),
  ];
}

/** A mutation, after whatever the request must have for it; undefined where it has no sense. */
type Step = { readonly title: string; readonly apply: (draft: Draft) => Draft | undefined };
type Source = { readonly drafts: readonly Draft[]; readonly steps: readonly Step[] };

const stepsFor = (
  names: readonly string[],
  withParameter: (draft: Draft, name: string) => Draft | undefined,
  others: readonly Mutation[],
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

const authorizeSteps = stepsFor(authorizeNames, withAuthorizeParameter, authorizeSpecifics);
const tokenSteps = stepsFor(tokenNames, withTokenParameter, tokenSpecifics);

const mutateOnce = (seeded: Seeded, { drafts, steps }: Source): readonly Draft[] =>
  steps.flatMap((step) => Array.from({ length: singleRounds }, () => pickAndApply(seeded, drafts, () => [step])));

const mutateTwice = (seeded: Seeded, { drafts, steps }: Source, count: number): readonly Draft[] =>
  Array.from({ length: count }, () => pickAndApply(seeded, drafts, () => [seeded.pick(steps), seeded.pick(steps)]));

/** Picks again where the steps have no sense for the draft: a refresh has no code to bend. */
function pickAndApply(seeded: Seeded, drafts: readonly Draft[], pickSteps: () => readonly Step[]): Draft {
  for (let tries = 0; tries < 1000; tries += 1) {
    const draft = seeded.pick(drafts);
    const steps = pickSteps();
    const mutated = steps.reduce<Draft | undefined>((done, step) => done && step.apply(done), draft);
    if (mutated !== undefined)
      return { ...mutated, title: [draft.title, ...steps.map(({ title }) => title)].join(' | ') };
  }
  throw new Error('no request to make');
}
