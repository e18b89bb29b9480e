import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { textReply } from '../http/reply.ts';
import type { HttpReply } from '../http/route.ts';

export type Metrics = {
  countSignIn(result: 'success' | 'failure', silent: boolean): void;
  countToken(grantType: string): void;
  observeRequest(path: string, status: number, seconds: number): void;
  /** `GET /metrics`, Prometheus text. */
  render(): Promise<HttpReply>;
};

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const signIns = new Counter({
    name: 'portico_sign_ins_total',
    help: 'Sign-ins by result; silent ones used a session without asking.',
    labelNames: ['result', 'silent'],
    registers,
  });
  const tokens = new Counter({
    name: 'portico_tokens_total',
    help: 'Successful answers of /oauth/token by grant type.',
    labelNames: ['grant_type'],
    registers,
  });
  const requests = new Histogram({
    name: 'portico_http_request_seconds',
    help: 'Time to answer a request by route and status.',
    labelNames: ['route', 'status'],
    buckets,
    registers,
  });
  const rows = new Map<string, ReturnType<typeof requests.labels>>();
  return {
    countSignIn: (result, silent) => signIns.inc({ result, silent: String(silent) }),
    countToken: (grantType) => tokens.inc({ grant_type: grantType }),
    observeRequest(route, status, seconds) {
      // Finding a row by its labels costs more than counting in it.
      const key = `${route} ${status}`;
      let row = rows.get(key);
      if (row === undefined) {
        row = requests.labels(route, String(status));
        rows.set(key, row);
      }
      row.observe(seconds);
    },
    render: async () => textReply(200, await registry.metrics(), { 'content-type': registry.contentType }),
  };
}
