import { EgressError } from '../core/errors.ts';
import type { GuardedFetch, OutboundResponse } from '../http/egress.ts';

/** What every request of a script meets. */
export const scenarioNames = ['success', 'error', 'http500', 'html'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

const page = '<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>';

/** JSON for those who parse it, and a token for those who take it apart at its dots. */
const everything = `{"answers":"everything","jwt":"e30.${Buffer.from('{"sub":"sub-1"}').toString('base64url')}.c2ln"}`;

const answer = (url: string, status: number, type: string, body: string): OutboundResponse => ({
  status,
  headers: { 'content-type': type },
  body: Buffer.from(body),
  url,
});

/** The far side of the wire; nothing leaves the machine. */
export const scenarios: Readonly<Record<ScenarioName, GuardedFetch>> = {
  success: async ({ url }) => answer(url, 200, 'application/json', everything),
  error: async () => {
    throw new EgressError('refused', 'The connection was refused');
  },
  http500: async ({ url }) => answer(url, 500, 'text/plain', 'Internal Server Error'),
  html: async ({ url }) => answer(url, 200, 'text/html', page),
};
