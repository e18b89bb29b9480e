import { expect, test } from 'vitest';
import { frameOf, languageOf } from '../../../test/support/frames.ts';
import { renderLoginPage } from './login-page.ts';

const connection = { name: 'netflix-custom', displayName: 'Netflix', iconUrl: undefined, isLastUsed: false };
const page = {
  frame: frameOf(),
  isSignUp: false,
  client: { name: 'Northwind Streaming', logoUrl: undefined },
  connections: [connection, { ...connection, name: 'hulu-custom', displayName: 'Hulu', isLastUsed: true }],
  state: 'the-state',
  action: '/u/login',
};

test('one posting form with the state and a button for each connection, in the given order', () => {
  const { html, headers } = renderLoginPage(page);
  expect(html.match(/<form [^>]*>/g)).toEqual(['<form method="post" action="/u/login" class="ways">']);
  expect(html).toContain('<input type="hidden" name="state" value="the-state">');
  expect([...html.matchAll(/<button [^>]*value="([^"]*)"/g)].map(([, name]) => name)).toEqual([
    'netflix-custom',
    'hulu-custom',
  ]);
  expect(headers['content-security-policy']).toContain("form-action 'self'");
});

test('only the connection used last says so, in words', () => {
  const { html } = renderLoginPage(page);
  expect(html.match(/Last used/g)).toHaveLength(1);
  expect(html.indexOf('Last used')).toBeGreaterThan(html.indexOf('Hulu'));
});

test('without a connection there is no form: the page tells the person and the developer what to do', () => {
  const { html } = renderLoginPage({ ...page, connections: [] });
  expect(html).not.toContain('<form');
  expect(html).toContain('Ask the people who run this application');
  expect(html).toContain('invalid_request: no connections enabled for the client');
});

test.each([
  '<img src=x onerror=alert(1)>',
  '"><svg/onload=alert(1)>',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '{{7*7}}<%= 7*7 %>',
  '</script></title></button></form>',
])('WEB-03: %s in any field is text', (hostile) => {
  const { html } = renderLoginPage({
    frame: frameOf({ friendlyName: hostile, logoUrl: hostile, supportUrl: hostile, faviconUrl: hostile }),
    isSignUp: false,
    client: { name: hostile, logoUrl: hostile },
    connections: [{ name: hostile, displayName: hostile, iconUrl: hostile, isLastUsed: false }],
    state: hostile,
    action: hostile,
  });
  const benign = renderLoginPage({ ...page, connections: [connection] }).html;
  const elements = (markup: string) => markup.match(/<\/?[a-z0-9]+/g);
  expect(elements(html)).toEqual(elements(benign));
  expect(html).not.toMatch(/(?:src|href)="(?:javascript|data:text)/);
});

test('thirty connections with long names stay under 15 KB', () => {
  const many = Array.from({ length: 30 }, (_, index) => ({
    name: `connection-${index}`,
    displayName: `The provider with the number ${index} and a long name`,
    iconUrl: `https://icons.example/providers/${index}.png`,
    isLastUsed: index === 3,
  }));
  expect(Buffer.byteLength(renderLoginPage({ ...page, connections: many }).html)).toBeLessThan(15_000);
});

test('screen_hint=signup changes the words and nothing else', () => {
  const words = (isSignUp: boolean) => renderLoginPage({ ...page, isSignUp }).html;
  expect(words(true)).toContain('Sign up for <bdi>Northwind Streaming</bdi></h1>');
  expect(words(true).replaceAll('Sign up for', 'Sign in to')).toBe(words(false));
});

test('the page says in which language it is and from which side that is read', () => {
  const { html } = renderLoginPage({ ...page, frame: frameOf({}, languageOf('ar')) });
  expect(html).toContain('<html lang="ar" dir="rtl">');
  expect(html).toContain('<h1>تسجيل الدخول إلى <bdi>Northwind Streaming</bdi></h1>');
});
