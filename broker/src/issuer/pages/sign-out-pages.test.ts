import { expect, test } from 'vitest';
import { renderConfirmSignOutPage } from './confirm-sign-out-page.ts';
import { renderSignedOutPage } from './signed-out-page.ts';

const tenant = { friendlyName: '<b>Northwind', logoUrl: undefined, supportUrl: undefined };

test('DN-21: signing out without proof needs a posted token, which a field of the request cannot replace', () => {
  const { html, headers } = renderConfirmSignOutPage({
    tenant,
    action: '/oidc/logout',
    token: 'the-token',
    fields: { token: 'forged', state: '"><script>' },
  });
  expect(html).toContain('<form method="post" action="/oidc/logout">');
  expect(html.match(/name="token" value="[^"]*"/g)).toEqual(['name="token" value="the-token"']);
  expect(html).not.toMatch(/<script|<b>/);
  expect(headers['content-security-policy']).toContain("form-action 'self'");
});

test('the signed-out page leads back to a web address only', () => {
  const back = (href: string) => renderSignedOutPage({ tenant, action: { label: 'Back', href } }).html;
  expect(back('https://app.example/')).toContain('href="https://app.example/"');
  expect(back('javascript:alert(1)')).not.toContain('class="button"');
  expect(renderSignedOutPage({ tenant }).html).toContain('<h1>You are signed out</h1>');
});
