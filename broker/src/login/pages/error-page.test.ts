import { expect, test } from 'vitest';
import { frameOf, languageOf } from '../../../test/support/frames.ts';
import { english, languages } from '../../http/words/languages.ts';
import { renderErrorPage } from './error-page.ts';

const mismatch = {
  frame: frameOf({ supportUrl: 'https://help.example/' }),
  kind: 'callback',
  code: 'unauthorized_client',
  message: 'The provided redirect_uri is not in the list of allowed callback URLs.',
  traceId: 'trace-1',
  clientName: 'Northwind Streaming',
} as const;

test('what happened, what to do, then the foldable part with code, description and trace id', () => {
  const { html } = renderErrorPage(mismatch);
  const { heading, message, advice } = english.words.errors.callback;
  const parts = [
    `<h1>${heading}</h1>`,
    message,
    advice,
    '<details>',
    `${mismatch.code}: ${mismatch.message}`,
    'trace-1',
  ];
  const order = parts.map((text) => html.indexOf(text));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test('every kind of error is told in every language, and what the developer needs stays as it is', () => {
  for (const language of languages) {
    for (const [kind, { heading, advice }] of Object.entries(language.words.errors)) {
      const page = { ...mismatch, kind: kind as keyof typeof language.words.errors };
      const { html } = renderErrorPage({ ...page, frame: frameOf({}, languageOf(language.tag)) });
      expect(html).toContain(`<h1>${heading}</h1>`);
      expect(html).toContain(`<p>${advice}</p>`);
      expect(html).toContain(`<code>${mismatch.code}: ${mismatch.message}</code>`);
    }
  }
});

test('quotes of a literal text of the wire arrive as they are', () => {
  const message = `The "returnTo" querystring parameter, since we couldn't find your session.`;
  expect(renderErrorPage({ ...mismatch, message }).html).toContain(message);
});

test('a web address where the sign-in can start again becomes the button', () => {
  const backHref = 'https://app.example/?a=1&b=2';
  const { html } = renderErrorPage({ ...mismatch, backHref });
  expect(html).toContain('<a class="button" href="https://app.example/?a=1&amp;b=2">Back to Northwind Streaming</a>');
  const unnamed = renderErrorPage({ ...mismatch, clientName: undefined, backHref });
  expect(unnamed.html).toContain('>Back to the application</a>');
});

test.each([undefined, 'javascript:alert(1)', '//evil.example'])('with %s as address there is no button', (backHref) => {
  expect(renderErrorPage({ ...mismatch, backHref }).html).not.toContain('class="button"');
});

test('WEB-04: nothing in any field becomes an element', () => {
  const hostile = `"><img src=x onerror=alert(1)></code></details><script>alert('1')</script>`;
  const { html, headers } = renderErrorPage({
    frame: frameOf({ friendlyName: hostile, logoUrl: hostile, supportUrl: hostile, faviconUrl: hostile }),
    kind: 'lost',
    backHref: `https://app.example/${hostile}`,
    code: hostile,
    message: hostile,
    traceId: hostile,
    clientName: hostile,
  });
  expect(html).not.toMatch(/<img|<script/);
  expect(html.match(/<\/details>/g)).toHaveLength(1);
  expect(headers['content-security-policy']).not.toContain('script-src');
});
