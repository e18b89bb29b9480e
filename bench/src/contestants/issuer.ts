import type { CodeFlow } from '../load/code-flow.ts';

/** A started issuer and how it is spoken to. */
export type Issuer = {
  readonly name: string;
  readonly pid: number;
  readonly flow: CodeFlow;
  readonly jwksUrl: string;
  readonly userinfoUrl: string;
  /** At /authorize and the token endpoint: asks for a JWT for the API. */
  readonly apiParameters: Readonly<Record<string, string>>;
  /** At /authorize, beside the scope: what a refresh token needs. */
  readonly offlineParameters: Readonly<Record<string, string>>;
};

export const withParameters = (flow: CodeFlow, ...parameters: readonly CodeFlow['parameters'][]): CodeFlow => ({
  ...flow,
  parameters: Object.assign({}, flow.parameters, ...parameters),
});
