import type { Settings } from './arguments.ts';
import { benchClient } from './contestants/bench-client.ts';
import { betterAuthLane } from './contestants/better-auth.ts';
import { withParameters } from './contestants/issuer.ts';
import { startOidcProvider } from './contestants/oidc-provider.ts';
import { installPortico, startPortico } from './contestants/portico.ts';
import { mappingConnection, scriptConnection } from './contestants/portico-seed.ts';
import { proveTokens } from './contestants/prove-tokens.ts';
import { rsaLimitLane } from './contestants/rsa-limit.ts';
import { signInLane } from './contestants/sign-in-lane.ts';
import { inWorkplace, type Workplace } from './contestants/workplace.ts';
import type { Lane } from './load/lane.ts';
import { measureRounds, warmUp } from './load/measure.ts';
import { type Comparison, compare } from './report/comparison.ts';
import { createReport, type Report, say } from './report/report.ts';
import { table, withSpread } from './report/table.ts';

const mapping = 'Portico, mapping';
const script = 'Portico, script';
const betterAuth = 'better-auth';
const oidcProvider = 'oidc-provider';
const signer = 'RS256 signature';
const warmUpSignIns = 1_500;

async function porticoLane(workplace: Workplace, name: string, connection: string): Promise<Lane> {
  const portico = await startPortico(await installPortico(workplace), name);
  const flow = withParameters(portico.flow, portico.apiParameters, { connection });
  await proveTokens(workplace.http, portico, flow);
  return signInLane({ name, pid: portico.pid, http: workplace.http, flow, client: benchClient });
}

async function oidcProviderLane(workplace: Workplace): Promise<Lane> {
  const issuer = await startOidcProvider(workplace);
  const flow = withParameters(issuer.flow, issuer.apiParameters);
  await proveTokens(workplace.http, issuer, flow);
  return signInLane({ name: oidcProvider, pid: issuer.pid, http: workplace.http, flow, client: benchClient });
}

/** Whole sign-ins of new users, each contestant a process of its own against one stub provider. */
export const runLogin = (settings: Settings): Promise<Report> =>
  inWorkplace(async (workplace) => {
    const lanes = [
      await porticoLane(workplace, mapping, mappingConnection),
      await porticoLane(workplace, script, scriptConnection),
      await betterAuthLane(workplace, settings.isPeerDurable),
      await oidcProviderLane(workplace),
      await rsaLimitLane(workplace),
    ];
    await warmUp(lanes, warmUpSignIns, say);
    const comparison = compare(lanes, await measureRounds(lanes, settings, say));
    return report(comparison, settings);
  });

function report(comparison: Comparison, { rounds, seconds, isPeerDurable }: Settings): Report {
  const contestants = [mapping, script, betterAuth, oidcProvider].map((name) => ({
    name,
    signInsPerSecond: comparison.rate(name),
    cpuMsPerSignIn: comparison.cpuMs(name),
    cpuOverBetterAuth: comparison.cpuRatio(name, betterAuth),
    cpuOverOidcProvider: comparison.cpuRatio(name, oidcProvider),
    shareOfRsaLimit: comparison.rsaShare(name, signer),
  }));
  const rsaMs = comparison.cpuMs(signer);
  const rows = contestants.map((contestant) => [
    contestant.name,
    withSpread(contestant.signInsPerSecond, 0),
    withSpread(contestant.cpuMsPerSignIn, 2),
    withSpread(contestant.cpuOverBetterAuth, 2),
    withSpread(contestant.cpuOverOidcProvider, 2),
    contestant.shareOfRsaLimit ? withSpread(contestant.shareOfRsaLimit, 2) : 'signs nothing',
  ]);
  const heads = ['', 'sign-ins/s', 'CPU ms', 'CPU / better-auth', 'CPU / oidc-provider', 'share of RSA limit'];
  return createReport({
    title: `Sign-ins of new users, 8 at a time, ${rounds} rounds of ${seconds} s slices: median [quartiles]`,
    text: `${table([heads, ...rows])}\n\nSQLite of better-auth: WAL, synchronous ${isPeerDurable ? 'FULL, durable as Portico is' : 'NORMAL, less durable than Portico'}\nOne RS256 signature in the same minutes: ${withSpread(rsaMs, 2)} ms of CPU`,
    data: { contestants, rsaSignatureCpuMs: rsaMs, isPeerDurable },
    targets: [
      target('mapping, CPU over better-auth', comparison.cpuRatio(mapping, betterAuth).median, 1 / 2.5),
      target('mapping, CPU over oidc-provider', comparison.cpuRatio(mapping, oidcProvider).median, 1),
      target('script, CPU over better-auth', comparison.cpuRatio(script, betterAuth).median, 1 / 1.5),
    ],
  });
}

const target = (what: string, value: number, limit: number) => ({ what, value, limit, unit: '' });
