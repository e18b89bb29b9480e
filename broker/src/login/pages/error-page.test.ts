import { expect, test } from 'vitest';
import { renderErrorPage } from './error-page.ts';

const tenant = { friendlyName: 'Northwind', logoUrl: undefined, supportUrl: 'https://help.example/' };
const mismatch = {
  tenant,
  heading: 'Callback URL mismatch.',
  message:
    'The provided redirect_uri is not in the list of allowed callback URLs. Please go to the Application Settings page and make sure you are sending a valid callback url from your application.',
  advice: 'Go back to the application and try again.',
  code: 'unauthorized_client',
  details: 'Callback URL mismatch. https://app.example/x is not in the list of allowed callback URLs',
  traceId: 'trace-1',
  clientName: 'Northwind Streaming',
};

test('what happened, what to do, then the foldable part with code, description and trace id', () => {
  const { html } = renderErrorPage(mismatch);
  const order = [
    '<h1>Callback URL mismatch.</h1>',
    mismatch.message,
    mismatch.advice,
    '<details>',
    `unauthorized_client: ${mismatch.details}`,
    'trace-1',
  ].map((text) => html.indexOf(text));
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test('quotes of a literal text of the wire arrive as they are', () => {
  const message = `The "returnTo" querystring parameter, since we couldn't find your session.`;
  expect(renderErrorPage({ ...mismatch, message }).html).toContain(message);
});

test('a proven web address becomes the button', () => {
  const action = { label: 'Back to Northwind', href: 'https://app.example/?a=1&b=2' };
  const { html } = renderErrorPage({ ...mismatch, action });
  expect(html).toContain('<a class="button" href="https://app.example/?a=1&amp;b=2">Back to Northwind</a>');
});

test.each([undefined, { label: 'Back', href: 'javascript:alert(1)' }, { label: 'Back', href: '//evil.example' }])(
  'without a safe address there is advice and no button',
  (action) => {
    const { html } = renderErrorPage({ ...mismatch, action });
    expect(html).toContain(`<p>${mismatch.advice}</p>`);
    expect(html).not.toContain('class="button"');
  },
);

test('WEB-04: nothing in any field becomes an element', () => {
  const hostile = `"><img src=x onerror=alert(1)></code></details><script>alert('1')</script>`;
  const { html, headers } = renderErrorPage({
    tenant: { friendlyName: hostile, logoUrl: hostile, supportUrl: hostile },
    heading: hostile,
    message: hostile,
    advice: hostile,
    action: { label: hostile, href: `https://app.example/${hostile}` },
    code: hostile,
    traceId: hostile,
    clientName: hostile,
    details: hostile,
    attemptHref: hostile,
  });
  expect(html).not.toMatch(/<img|<script/);
  expect(html.match(/<\/details>/g)).toHaveLength(1);
  expect(headers['content-security-policy']).not.toContain('script-src');
});
