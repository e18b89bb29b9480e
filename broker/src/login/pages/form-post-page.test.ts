import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { frameOf } from '../../../test/support/frames.ts';
import { renderFormPost } from './form-post-page.ts';

const frame = frameOf();

const policyOf = (page: { headers: Readonly<Record<string, string>> }): string =>
  page.headers['content-security-policy'] ?? '';

test('DN-11: a hostile state stays inside its hidden input', () => {
  const { html } = renderFormPost({
    frame,
    action: 'https://app.example/callback?a=1&b="',
    fields: { code: 'c', state: '"><script>alert(1)</script>' },
  });
  expect(html).toContain('name="state" value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toContain('action="https://app.example/callback?a=1&amp;b=&quot;"');
});

test('DN-11: the policy allows the form to post to the one origin, and the page to run its one script', () => {
  const page = renderFormPost({ frame, action: 'https://app.example:8443/callback', fields: {} });
  const script = page.html.match(/<script>(.*?)<\/script>/s)?.[1] ?? '';
  expect(policyOf(page)).toContain('form-action https://app.example:8443;');
  expect(policyOf(page)).toContain(`script-src 'sha256-${hash('sha256', script, 'base64')}'`);
  expect(policyOf(page)).not.toContain('unsafe');
});

test('origins that the application redirects to afterwards can be allowed too, each once', () => {
  const onwardUrls = ['https://app.example/', 'https://www.example/welcome'];
  const page = renderFormPost({ frame, action: 'https://app.example/callback', fields: {}, onwardUrls });
  expect(policyOf(page)).toContain('form-action https://app.example https://www.example;');
});

test('a registered URL with a wildcard widens the policy by no more than itself, and an odd one is left out', () => {
  const onwardUrls = [
    'https://*.preview.example/callback',
    'https://pr-*.example/',
    'https://{organization_name}.example/',
    'https://a;b.example/',
    'https://a.example,b.example/',
    'https://user@evil.example/',
    'https://*/',
    'com.example.app://callback',
    'not a url',
  ];
  const page = renderFormPost({ frame, action: 'https://app.example/callback', fields: {}, onwardUrls });
  expect(policyOf(page)).toContain('form-action https://app.example https://*.preview.example;');
});

test('an address that cannot stand in a policy, or is no web address, is refused', () => {
  expect(() => renderFormPost({ frame, action: 'https://a;b.example/', fields: {} })).toThrow(TypeError);
  expect(() => renderFormPost({ frame, action: 'javascript:alert(1)', fields: {} })).toThrow(TypeError);
});
