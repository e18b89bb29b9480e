import type { Settings } from './arguments.ts';
import { type GuessPair, guessPairs } from './contestants/guesses.ts';
import { installPortico, startPortico } from './contestants/portico.ts';
import { inWorkplace } from './contestants/workplace.ts';
import { createHttpClient } from './load/http-client.ts';
import { createReport, type Report, say } from './report/report.ts';
import { table } from './report/table.ts';
import { welch } from './report/welch.ts';

/** Guesses of one round, both sides together: ten rounds are 100,000. */
const guessesInRound = 10_000;
const warmUpGuesses = 3_000;
/** Beyond it, two samples of this size are told apart (as in fixed-versus-random tests of implementations). */
const tLimit = 4.5;
const keep = 0.9;

type Samples = { readonly pair: GuessPair; readonly left: number[]; readonly right: number[] };

/** Whether the time of a refusal tells how wrong a guess was: one connection, one guess at a time, sides by the toss of a coin. */
export const runTiming = (settings: Settings): Promise<Report> =>
  inWorkplace(async (workplace) => {
    const http = createHttpClient(1);
    try {
      const issuer = await startPortico(await installPortico(workplace));
      const samples: Samples[] = (await guessPairs(http, issuer)).map((pair) => ({ pair, left: [], right: [] }));
      for (const { pair } of samples) await guessMany(pair, warmUpGuesses);
      for (let round = 0; round < settings.rounds; round += 1) {
        for (const { pair, left, right } of samples) {
          const measured = await guessMany(pair, guessesInRound);
          left.push(...measured.left);
          right.push(...measured.right);
        }
        say(`round ${round + 1}/${settings.rounds}: ${samples.map(summary).join(', ')}`);
      }
      return report(samples);
    } finally {
      await http.close();
    }
  });

async function guessMany(pair: GuessPair, count: number) {
  const times = { left: [] as number[], right: [] as number[] };
  for (let done = 0; done < count; done += 1) {
    const side = Math.random() < 0.5 ? 'left' : 'right';
    const startedAt = performance.now();
    await pair.guess(side);
    times[side].push((performance.now() - startedAt) * 1000);
  }
  return times;
}

const summary = ({ pair, left, right }: Samples): string => `${pair.name} t = ${welch(left, right, keep).t.toFixed(2)}`;

function report(samples: readonly Samples[]): Report {
  const found = samples.map(({ pair, left, right }) => ({
    pair: pair.name,
    left: pair.left,
    right: pair.right,
    guesses: left.length + right.length,
    ...welch(left, right, keep),
    tOfAll: welch(left, right, 1).t,
  }));
  const rows = found.map(({ pair, left, right, meanDifference, t, tOfAll }) => [
    `${pair}: ${left} - ${right}`,
    meanDifference.toFixed(2),
    t.toFixed(2),
    tOfAll.toFixed(2),
  ]);
  return createReport({
    title: `How long a wrong guess takes: ${found[0]?.guesses ?? 0} guesses for each pair`,
    text: table([['', 'difference of means, µs', 'Welch t', 't of all'], ...rows]),
    data: { found },
    targets: found.map(({ pair, t }) => ({ what: `${pair}, |t|`, value: Math.abs(t), limit: tLimit, unit: '' })),
  });
}
