import { expect, test } from 'vitest';
import { frameOf, languageOf } from '../../../test/support/frames.ts';
import { renderConfirmSignOutPage } from './confirm-sign-out-page.ts';
import { renderSignedOutPage } from './signed-out-page.ts';

const frame = frameOf({ friendlyName: '<b>Northwind' });

test('DN-21: signing out without proof is a form that posts to ourselves, with the fields it was given and no others', () => {
  const { html, headers } = renderConfirmSignOutPage({
    frame,
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

test('the signed-out page says so, in the language of its frame', () => {
  expect(renderSignedOutPage(frame).html).toContain('<h1>You are signed out</h1>');
  expect(renderSignedOutPage(frameOf({}, languageOf('de'))).html).toContain('<h1>Sie sind abgemeldet</h1>');
});
