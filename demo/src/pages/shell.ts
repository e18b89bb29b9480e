import { readFileSync } from 'node:fs';
import type { Response } from 'express';
import type { Html } from './html.ts';
import { html } from './html.ts';

export const styleSheet = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

type Page = { readonly title: string; readonly theme: string; readonly main: Html; readonly foot: string };

/** One page of the demo: no script of its own, one style sheet from the same server. */
export function sendPage(response: Response, status: number, page: Page): void {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${page.title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body class="${page.theme}">
${page.main}
<footer class="foot">${page.foot}</footer>
</body>
</html>`;
  response
    .status(status)
    .set({
      'content-security-policy':
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    .type('html')
    .send(document.markup);
}
