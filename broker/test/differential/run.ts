import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAgent } from '../support/agent.ts';
import { readForm } from '../support/applications.ts';
import { startWorld, type World } from '../support/world.ts';
import { addClients } from './clients.ts';
import { compare, type Finding, isAgreed, whoAccepts } from './compare.ts';
import { type Difference, differences } from './differences.ts';
import { generateDrafts, type Part, partOf, partSizes } from './generate.ts';
import { type Library, startLibrary } from './library.ts';
import { createSeeded } from './seeded.ts';
import { connect, type Decide, type Server } from './server.ts';

/*
 * The same requests to Portico and to a certified library. They agree, but for the list in differences.ts. Another seed
 * bends other requests: DIFFERENTIAL_SEED=7.
 */

const seed = Number(process.env.DIFFERENTIAL_SEED ?? 1);
const lanes = 8;

/** The tests of one part of the requests; each part is a file, so that they run beside each other. */
export function testAgainstLibrary(part: Part): void {
  let world: World;
  let library: Library;
  let findings: readonly Finding[];

  beforeAll(async () => {
    [world, library] = await Promise.all([startWorld({ change: addClients }), startLibrary()]);
    const [ours, theirs] = await Promise.all([
      connect(world.broker.issuerUrl, decideFor(world)),
      connect(library.url, library.decide),
    ]);
    findings = await compareAll(part, ours, theirs);
    await Promise.all([ours.close(), theirs.close()]);
    printCounts(part, findings);
  }, 900_000);
  afterAll(async () => {
    await world.close();
    await library.close();
  });

  test('thousands of requests were compared, valid ones and others', () => {
    expect(findings.length).toBeGreaterThanOrEqual(partSizes[part]);
    for (const kind of ['answers', 'refuses']) {
      expect(findings.filter(({ portico }) => portico.kind === kind).length).toBeGreaterThan(findings.length / 20);
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
    const dead = differences
      .filter(({ at }) => at.some((endpoint) => partOf(endpoint) === part))
      .filter(({ id }) => !findings.some((finding) => isAbout(finding, id)));
    expect(dead.map(({ id }) => id)).toEqual([]);
  });
}

/** The person whose device it is, in their own browser. */
export const decideFor =
  ({ broker }: World): Decide =>
  async (userCode, decision, cookies) => {
    const agent = createAgent(cookies);
    const { action, fields } = readForm((await agent.post(broker.url('activate'), { user_code: userCode })).body);
    const pressed = decision === 'allowed' ? 'confirm' : 'cancel';
    const answer = await agent.post(action, { ...fields, decision: pressed });
    if (answer.location !== undefined) await agent.follow(answer.location, 'nowhere:');
  };

async function compareAll(part: Part, ours: Server, theirs: Server): Promise<readonly Finding[]> {
  const waiting = generateDrafts(createSeeded(seed), part).values();
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
    : differences.filter(
        ({ accepts, at, covers }) =>
          accepts === whoAccepts(finding) && at.includes(finding.draft.endpoint) && covers(finding.sent),
      );

const isAbout = (finding: Finding, id: string): boolean => listDifferences(finding).some((one) => one.id === id);

function printCounts(part: Part, findings: readonly Finding[]): void {
  const agreed = findings.filter(isAgreed);
  const refused = agreed.filter(({ portico }) => portico.kind === 'refuses').length;
  const byId = differences
    .map(({ id }) => ({ id, count: findings.filter((one) => isAbout(one, id)).length }))
    .filter(({ count }) => count > 0);
  process.stdout.write(
    `differential, ${part}, seed ${seed}: ${findings.length} requests, ${agreed.length - refused} accepted by both, ` +
      `${refused} refused by both, ${findings.length - agreed.length} differ ` +
      `(${byId.map(({ id, count }) => `${id} ${count}`).join(', ')})\n`,
  );
}

/** Enough to send it again by hand. */
const tell = ({ draft, sent, portico, library: judge, faults }: Finding): string =>
  [draft.title, JSON.stringify({ portico, library: judge, faults }), sent.path, JSON.stringify(sent.headers), sent.body]
    .join('\n  ')
    .slice(0, 1500);
