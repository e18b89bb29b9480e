import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from '../support/world.ts';
import { compare, type Finding, isAgreed, whoAccepts } from './compare.ts';
import { type Difference, differences } from './differences.ts';
import { generateDrafts } from './generate.ts';
import { type Library, startLibrary } from './library.ts';
import { createSeeded } from './seeded.ts';
import { connect, type Server } from './server.ts';

/*
 * The same requests to Portico and to a certified library. They agree, but for the list in differences.ts. Another seed
 * bends other requests: DIFFERENTIAL_SEED=7.
 */

const seed = Number(process.env.DIFFERENTIAL_SEED ?? 1);
const lanes = 8;

let world: World;
let library: Library;
let findings: readonly Finding[];

beforeAll(async () => {
  [world, library] = await Promise.all([startWorld(), startLibrary()]);
  const [ours, theirs] = await Promise.all([connect(world.broker.issuerUrl.replace(/\/$/, '')), connect(library.url)]);
  findings = await compareAll(ours, theirs);
  await Promise.all([ours.close(), theirs.close()]);
  printCounts();
}, 120_000);
afterAll(async () => {
  await world.close();
  await library.close();
});

async function compareAll(ours: Server, theirs: Server): Promise<readonly Finding[]> {
  const waiting = generateDrafts(createSeeded(seed)).values();
  const found: Finding[] = [];
  const lane = async () => {
    for (const draft of waiting) found.push(await compare(ours, theirs, draft));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return found;
}

const listDifferences = (finding: Finding): readonly Difference[] =>
  isAgreed(finding)
    ? []
    : differences.filter(({ accepts, covers }) => accepts === whoAccepts(finding) && covers(finding.sent));

function printCounts(): void {
  const agreed = findings.filter(isAgreed);
  const refused = agreed.filter(({ portico }) => portico.kind === 'refuses').length;
  const byId = differences.map(({ id }) => `${id} ${findings.filter((one) => isAbout(one, id)).length}`);
  process.stdout.write(
    `differential, seed ${seed}: ${findings.length} requests, ${agreed.length - refused} accepted by both, ` +
      `${refused} refused by both, ${findings.length - agreed.length} differ (${byId.join(', ')})\n`,
  );
}

const isAbout = (finding: Finding, id: string): boolean => listDifferences(finding).some((one) => one.id === id);

/** Enough to send it again by hand. */
const tell = ({ draft, sent, portico, library: judge, faults }: Finding): string =>
  [draft.title, JSON.stringify({ portico, library: judge, faults }), sent.path, JSON.stringify(sent.headers), sent.body]
    .join('\n  ')
    .slice(0, 1500);

test('at least 2,000 requests were compared, valid ones and others at both endpoints', () => {
  expect(findings.length).toBeGreaterThanOrEqual(2000);
  for (const endpoint of ['authorize', 'token']) {
    const kinds = findings.filter(({ draft }) => draft.endpoint === endpoint).map(({ portico }) => portico.kind);
    expect(kinds.filter((kind) => kind === 'answers').length).toBeGreaterThan(100);
    expect(kinds.filter((kind) => kind === 'refuses').length).toBeGreaterThan(100);
  }
});

test('no request leads to an address that is not proven, to a lost state, to an unlisted error or to a failure', () => {
  expect(findings.filter(({ faults }) => faults.length > 0).map(tell)).toEqual([]);
});

test('Portico accepts what the library accepts and refuses what it refuses, but for the written differences', () => {
  const unexplained = findings.filter((finding) => !isAgreed(finding) && listDifferences(finding).length === 0);
  expect(unexplained.map(tell)).toEqual([]);
});

test('every written difference is met', () => {
  const dead = differences.filter(({ id }) => !findings.some((finding) => isAbout(finding, id)));
  expect(dead.map(({ id }) => id)).toEqual([]);
});

test('docs/compatibility.md explains each written difference, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/compatibility.md'), 'utf8');
  const section = /\n## Differences from the standard\n(.*?)(?=\n## |$)/s.exec(page)?.[1] ?? '';
  const documented = [...section.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, id]) => id);
  expect(documented).toEqual(differences.map(({ id }) => id));
});
