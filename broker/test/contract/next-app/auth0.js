import { Auth0Client } from '@auth0/nextjs-auth0/server';
import { NextResponse } from 'next/server';

/** Domain, client, secret and base URL come from the environment, as the documentation has it. */
export const auth0 = new Auth0Client({
  // The broker of the test is on http and localhost.
  allowInsecureRequests: true,
  authorizationParameters: { scope: 'openid profile email offline_access' },
  async onCallback(error, { returnTo }) {
    if (error === null) return NextResponse.redirect(new URL(returnTo ?? '/', process.env.APP_BASE_URL));
    const { code, message } = error.cause ?? {};
    return NextResponse.json({ type: error.constructor.name, name: error.name, code, message }, { status: 500 });
  },
});
