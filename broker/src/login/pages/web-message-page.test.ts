import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { frameOf } from '../../../test/support/frames.ts';
import { renderWebMessage } from './web-message-page.ts';

const frame = frameOf();

const response = { code: 'the-code', state: '</script><script>alert(1)</script>' };

test('DN-11: the message names one exact origin, and only that origin may frame the page', () => {
  const { html, headers } = renderWebMessage({ frame, targetOrigin: 'https://app.example', response });
  expect(headers['content-security-policy']).toContain('frame-ancestors https://app.example;');
  expect(headers).not.toHaveProperty('x-frame-options');
  expect(headers).not.toHaveProperty('cross-origin-opener-policy');
  const json = html.match(/<script type="application\/json" id="message">(.*?)<\/script>/s)?.[1] ?? '';
  expect(JSON.parse(json)).toEqual({ targetOrigin: 'https://app.example', response });
});

test('the script is the same whatever the response, and its hash is in the policy', () => {
  const pages = [response, { error: 'login_required', state: 'x' }].map((each) =>
    renderWebMessage({ frame, targetOrigin: 'https://app.example', response: each }),
  );
  const [script, ...others] = pages.map(({ html }) => html.match(/<script>(.*?)<\/script>/s)?.[1] ?? '');
  expect(others).toEqual([script]);
  for (const { headers } of pages) {
    expect(headers['content-security-policy']).toContain(
      `script-src 'sha256-${hash('sha256', script ?? '', 'base64')}'`,
    );
  }
});

test.each(['*', '/', 'null', 'https://app.example/', 'https://app.example/path', 'https://*.example', 'file:///x'])(
  'DN-11: a message never goes to %s',
  (targetOrigin) => {
    expect(() => renderWebMessage({ frame, targetOrigin, response })).toThrow(TypeError);
  },
);

test('an origin that has no spelling in a policy gets the message in a popup, and may not frame the page', () => {
  const { headers } = renderWebMessage({ frame, targetOrigin: 'http://[::1]:3000', response });
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
});
