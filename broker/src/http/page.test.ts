import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { frameOf } from '../../test/support/frames.ts';
import { contrast, parseColour } from './colour.ts';
import { renderPage, usableLink } from './page.ts';
import { cspOrigin, prepareScript } from './page-csp.ts';
import { renderHandoff } from './page-handoff.ts';
import { html } from './page-html.ts';
import { renderIcon, usableImage } from './page-icon.ts';
import { darkColours, lightColours } from './page-style.ts';

const frame = frameOf();
const plain = { frame, title: 'A page', main: html`<h1>A page</h1>` };

const policyOf = (page: { headers: Readonly<Record<string, string>> }): string =>
  page.headers['content-security-policy'] ?? '';

const sha256 = (body: string | undefined): string => `'sha256-${hash('sha256', body ?? '', 'base64')}'`;

test('the policy allows exactly the style and the script that are in the page', () => {
  const page = renderPage({ ...plain, script: prepareScript('void 0') });
  expect(policyOf(page)).toContain(`style-src ${sha256(page.html.match(/<style>(.*?)<\/style>/s)?.[1])}`);
  expect(policyOf(page)).toContain(`script-src ${sha256(page.html.match(/<script>(.*?)<\/script>/s)?.[1])}`);
  expect(policyOf(page)).not.toContain('unsafe');
});

test('WEB-01 WEB-05 WEB-07 WEB-08: a page allows nothing by default, is not framed, not kept and tells no referrer', () => {
  const { headers } = renderPage(plain);
  const { 'content-security-policy': policy, ...rest } = headers;
  expect(policy?.replace(/'sha256-[^']+'/g, 'HASH')).toBe(
    "default-src 'none'; style-src HASH; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  );
  expect(rest).toEqual({
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
  });
});

test('a page asks for nothing from elsewhere', () => {
  const { html: markup } = renderPage(plain);
  expect(markup).not.toMatch(/(?:src|href|action)="(?!data:|#)/);
  expect(markup).not.toMatch(/@import|url\(/);
});

test('the policy allows only the schemes of the pictures that are shown', () => {
  const images = ['https://icons.example/a.png', 'javascript:alert(1)', 'ftp://x.example/a.png', undefined];
  expect(policyOf(renderPage({ ...plain, images }))).toContain('img-src data: https:;');
});

test('the title is escaped', () => {
  const { html: markup } = renderPage({ ...plain, title: '</title><script>' });
  expect(markup).not.toContain('<script>');
});

test.each([
  ['https://icons.example/a.png', 'https://icons.example/a.png'],
  ['http://127.0.0.1:9000/a.png', 'http://127.0.0.1:9000/a.png'],
  ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
  ['data:text/html,<script>alert(1)</script>', undefined],
  [`data:image/png;base64,${'A'.repeat(5000)}`, undefined],
  ['javascript:alert(1)', undefined],
  ['/a.png', undefined],
  ['', undefined],
])('the picture %s is shown as %s', (url, shown) => {
  expect(usableImage(url)).toBe(shown);
});

test.each([
  ['Hulu', 'H'],
  ['  (beta) émile', 'B'],
  ['日本語', '日'],
  ['👩‍👩‍👧 family', 'F'],
  ['***', '·'],
])('without a picture %s has the initial %s', (name, initial) => {
  expect(renderIcon(name, undefined).markup).toContain(`>${initial}<`);
});

test.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', '/\\evil.example', 'myapp://x', ''])(
  'a button never leads to %s',
  (href) => {
    expect(usableLink(href)).toBe(undefined);
  },
);

test('only a plain host becomes a source of a policy', () => {
  expect(cspOrigin('https://app.example:8443/callback?x')).toBe('https://app.example:8443');
  expect(cspOrigin('http://[::1]:3000/')).toBe(undefined);
  for (const url of ['https://a,b.example/', 'https://a;b.example/', 'https://*.example/', 'javascript:alert(1)']) {
    expect(() => cspOrigin(url)).toThrow(TypeError);
  }
});

test('a handoff leads to the address, even with a scheme of an application, but never into a script', () => {
  const page = renderHandoff({ frame, href: 'com.example.app://callback?code=a&state=%22b', name: 'Example' });
  expect(page.html).toContain('content="0;url=com.example.app://callback?code=a&amp;state=%22b"');
  expect(() => renderHandoff({ frame, href: 'javascript:alert(1)', name: 'x' })).toThrow(TypeError);
  expect(() => renderHandoff({ frame, href: 'data:text/html,x', name: 'x' })).toThrow(TypeError);
});

const contrastOf = (one: string, other: string): number =>
  contrast(parseColour(one) ?? [0, 0, 0], parseColour(other) ?? [0, 0, 0]);

test.each([
  ['light', lightColours],
  ['dark', darkColours],
])('%s colours: text reaches 4.5:1 on both grounds, controls and focus 3:1', (_, colours) => {
  for (const ground of [colours.ground, colours.surface]) {
    for (const text of [colours.ink, colours.soft, colours.accent, colours.around]) {
      expect(contrastOf(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrastOf(colours.edge, ground), `edge on ${ground}`).toBeGreaterThanOrEqual(3);
  }
  for (const button of [colours.button, colours.press]) {
    expect(contrastOf(colours.on, button)).toBeGreaterThanOrEqual(4.5);
  }
});
