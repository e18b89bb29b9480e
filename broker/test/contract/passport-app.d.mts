import type { RequestListener } from 'node:http';

export declare function createPassportApp(settings: {
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly callback: string;
  readonly onTokens: (tokens: {
    readonly accessToken: string;
    readonly refreshToken: string;
    readonly idToken: string;
  }) => void;
}): RequestListener;
