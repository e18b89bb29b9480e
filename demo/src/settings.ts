import { join, resolve } from 'node:path';

/** Where the demo lives; everything follows from two ports and a directory. */
export type DemoSettings = {
  readonly dataDir: string;
  readonly brokerPort: number;
  readonly issuer: string;
  /** What the broker's certificate is signed by, with PORTICO_TLS=self-signed. */
  readonly authorityFile: string | undefined;
  readonly app: Place;
  readonly api: Place;
  readonly provider: Place;
  readonly audience: string;
};

export type Place = { readonly port: number; readonly url: string };

export class DemoError extends Error {}

function readPort(env: NodeJS.ProcessEnv, name: string, fallback: number, highest: number): number {
  const text = env[name] || String(fallback);
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= highest) return port;
  throw new DemoError(`${name} must be a port between 1 and ${highest}; it is ${text}.`);
}

const place = (port: number): Place => ({ port, url: `http://localhost:${port}` });

export function readSettings(env: NodeJS.ProcessEnv): DemoSettings {
  const brokerPort = readPort(env, 'PORTICO_PORT', 3000, 65_535);
  const demoPort = readPort(env, 'PORTICO_DEMO_PORT', 3001, 65_533);
  if (brokerPort >= demoPort && brokerPort <= demoPort + 2)
    throw new DemoError(
      `PORTICO_PORT (${brokerPort}) must not be PORTICO_DEMO_PORT (${demoPort}) or one of the two after it.`,
    );
  const dataDir = resolve(env['PORTICO_DATA_DIR'] || '.portico');
  const isSelfSigned = env['PORTICO_TLS'] === 'self-signed';
  const tlsDir = resolve(env['PORTICO_TLS_DIR'] || join(dataDir, 'tls'));
  return {
    dataDir,
    brokerPort,
    issuer: `${isSelfSigned ? 'https' : 'http'}://localhost:${brokerPort}/`,
    authorityFile: isSelfSigned ? join(tlsDir, 'authority.pem') : undefined,
    app: place(demoPort),
    api: place(demoPort + 1),
    provider: place(demoPort + 2),
    audience: 'https://api.streaming.example/',
  };
}
