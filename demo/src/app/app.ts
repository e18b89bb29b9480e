import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import express, { type Express } from 'express';
import { styleSheet } from '../pages/shell.ts';

/** What the page has to know; it is public. */
export type AppSettings = {
  readonly domain: string;
  readonly clientId: string;
  readonly audience: string;
  readonly apiUrl: string;
  readonly connections: readonly { readonly name: string; readonly displayName: string }[];
};

const page = readFileSync(new URL('./index.html', import.meta.url), 'utf8');
const appStyle = readFileSync(new URL('./app.css', import.meta.url), 'utf8');

/** Some fifty milliseconds, so nothing is kept on disk. */
async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('./browser/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    minify: true,
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

/** The single-page app: one page, one script with `@auth0/auth0-spa-js` in it, and its settings. */
export async function createApp(settings: AppSettings): Promise<Express> {
  const script = await bundle();
  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    next();
  });
  app.get('/app.js', (_request, response) => void response.type('js').send(script));
  app.get('/style.css', (_request, response) => void response.type('css').send(styleSheet + appStyle));
  app.get('/settings.json', (_request, response) => void response.json(settings));
  app.get(['/', '/callback'], (_request, response) => void response.type('html').send(page));
  return app;
}
