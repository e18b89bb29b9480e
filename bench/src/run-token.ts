import type { Settings } from './arguments.ts';
import { type Issuer, withParameters } from './contestants/issuer.ts';
import { startOidcProvider } from './contestants/oidc-provider.ts';
import { installPortico, startPortico } from './contestants/portico.ts';
import { mappingConnection } from './contestants/portico-seed.ts';
import { proveTokens } from './contestants/prove-tokens.ts';
import { rsaLimitLane } from './contestants/rsa-limit.ts';
import {
  clientCredentialsLane,
  kinds,
  laneName,
  refreshClients,
  refreshLane,
  userinfoLane,
} from './contestants/token-lanes.ts';
import { inWorkplace } from './contestants/workplace.ts';
import type { CodeFlow } from './load/code-flow.ts';
import type { HttpClient } from './load/http-client.ts';
import type { Lane } from './load/lane.ts';
import { measureRounds, warmUp } from './load/measure.ts';
import { type Comparison, compare } from './report/comparison.ts';
import { createReport, type Report, say } from './report/report.ts';
import { table, withSpread } from './report/table.ts';

const portico = { name: 'Portico' };
const oidcProvider = { name: 'oidc-provider' };
const signer = 'RS256 signature';
const warmUpOperations = 3_000;

/** oidc-provider answers /userinfo to opaque tokens only: Portico's JWT is set beside that. */
const pairs: readonly (readonly [kind: string, peerKind: string])[] = [
  [kinds.clientCredentials, kinds.clientCredentials],
  [kinds.refresh, kinds.refresh],
  [kinds.refreshRotating, kinds.refreshRotating],
  [kinds.userinfo, kinds.userinfo],
  [kinds.userinfoJwt, kinds.userinfo],
];

const lanesOfBoth = (http: HttpClient, issuer: Issuer, flow: CodeFlow): Lane[] => [
  clientCredentialsLane(http, issuer),
  ...refreshClients.map((client) => refreshLane(http, issuer, flow, client)),
  userinfoLane(http, issuer, flow, 'opaque'),
];

/** The token endpoint's other grants and userinfo, Portico beside oidc-provider. */
export const runToken = (settings: Settings): Promise<Report> =>
  inWorkplace(async (workplace) => {
    const { http } = workplace;
    const ours = await startPortico(await installPortico(workplace), portico.name);
    const ourFlow = withParameters(ours.flow, { connection: mappingConnection });
    const theirs = await startOidcProvider(workplace);
    await proveTokens(http, ours, withParameters(ourFlow, ours.apiParameters));
    await proveTokens(http, theirs, withParameters(theirs.flow, theirs.apiParameters));
    const lanes = [
      ...lanesOfBoth(http, ours, ourFlow),
      userinfoLane(http, ours, ourFlow, 'jwt'),
      ...lanesOfBoth(http, theirs, theirs.flow),
      await rsaLimitLane(workplace),
    ];
    await warmUp(lanes, warmUpOperations, say);
    return report(compare(lanes, await measureRounds(lanes, settings, say)), settings);
  });

function report(comparison: Comparison, { rounds, seconds }: Settings): Report {
  const operations = pairs.map(([kind, peerKind]) => {
    const lane = laneName(portico, kind);
    const peer = laneName(oidcProvider, peerKind);
    return {
      operation: kind,
      perSecond: comparison.rate(lane),
      cpuMs: comparison.cpuMs(lane),
      shareOfRsaLimit: comparison.rsaShare(lane, signer),
      oidcProvider: { operation: peerKind, perSecond: comparison.rate(peer), cpuMs: comparison.cpuMs(peer) },
      cpuOverOidcProvider: comparison.cpuRatio(lane, peer),
      cpuOverOidcProviderBeyondRsa: comparison.cpuRatioBeyondRsa(lane, peer, signer),
    };
  });
  const rows = operations.map((operation) => [
    operation.operation,
    withSpread(operation.perSecond, 0),
    withSpread(operation.cpuMs, 2),
    withSpread(operation.oidcProvider.perSecond, 0),
    withSpread(operation.oidcProvider.cpuMs, 2),
    withSpread(operation.cpuOverOidcProvider, 2),
    withSpread(operation.cpuOverOidcProviderBeyondRsa, 2),
    operation.shareOfRsaLimit ? withSpread(operation.shareOfRsaLimit, 2) : 'signs nothing',
  ]);
  const heads = [
    '',
    'Portico/s',
    'CPU ms',
    'oidc-provider/s',
    'CPU ms',
    'CPU ratio',
    'beyond RSA',
    'share of RSA limit',
  ];
  const rsaMs = comparison.cpuMs(signer);
  const credentials = kinds.clientCredentials;
  const ratio = comparison.cpuRatio(laneName(portico, credentials), laneName(oidcProvider, credentials));
  return createReport({
    title: `Token endpoint and userinfo, 8 at a time, ${rounds} rounds of ${seconds} s slices: median [quartiles]`,
    text: `${table([heads, ...rows])}\n\nOne RS256 signature in the same minutes: ${withSpread(rsaMs, 2)} ms of CPU`,
    data: { operations, rsaSignatureCpuMs: rsaMs },
    targets: [{ what: 'client credentials, CPU over oidc-provider', value: ratio.median, limit: 0.75, unit: '' }],
  });
}
