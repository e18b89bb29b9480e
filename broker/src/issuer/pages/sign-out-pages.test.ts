import { expect, test } from 'vitest';
import { renderConfirmSignOutPage } from './confirm-sign-out-page.ts';
import { renderSignedOutPage } from './signed-out-page.ts';

const tenant = { friendlyName: '<b>Northwind', logoUrl: undefined, supportUrl: undefined };

test('DN-21: signing out without proof is a form that posts to ourselves, with the fields it was given and no others', () => {
  const { html, headers } = renderConfirmSignOutPage({
    tenant,
    action: '/oidc/logout',
    clientName: '<i>Streaming',
    fields: { state: '"><script>', confirmation: 'the-token' },
  });
  expect(html).toContain('<form method="post" action="/oidc/logout">');
  expect(html.match(/<input [^>]*>/g)).toEqual([
    '<input type="hidden" name="state" value="&quot;&gt;&lt;script&gt;">',
    '<input type="hidden" name="confirmation" value="the-token">',
  ]);
  expect(html).not.toMatch(/<script|<b>|<i>/);
  expect(headers['content-security-policy']).toContain("form-action 'self'");
});

test('the signed-out page leads back to a web address only', () => {
  const back = (href: string) => renderSignedOutPage({ tenant, action: { label: 'Back', href } }).html;
  expect(back('https://app.example/')).toContain('href="https://app.example/"');
  expect(back('javascript:alert(1)')).not.toContain('class="button"');
  expect(renderSignedOutPage({ tenant }).html).toContain('<h1>You are signed out</h1>');
});
