import { jsonReply } from '../http/reply.ts';
import type { Route } from '../http/route.ts';
import type { Metrics } from './metrics.ts';
import { findRefusal, type MetricsDoor } from './metrics-door.ts';

export type OperationsDeps = {
  readonly ping: () => Promise<void>;
  readonly metrics: Metrics;
  readonly metricsDoor: MetricsDoor;
  /** true from the moment a stop was asked for. */
  readonly isStopping: () => boolean;
};

/** `/healthz`: the process answers. `/readyz`: it can sign people in. `/metrics`: Prometheus. */
export function operationsRoutes({ ping, metrics, metricsDoor, isStopping }: OperationsDeps): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', answers: 'json', handle: () => jsonReply(200, { status: 'ok' }) },
    {
      method: 'GET',
      path: '/readyz',
      answers: 'json',
      handle: async () => {
        if (isStopping()) return jsonReply(503, { status: 'stopping' });
        try {
          await ping();
          return jsonReply(200, { status: 'ready' });
        } catch {
          return jsonReply(503, { status: 'database unreachable' });
        }
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      answers: 'json',
      handle: (request) => findRefusal(metricsDoor, request) ?? metrics.render(),
    },
  ];
}
