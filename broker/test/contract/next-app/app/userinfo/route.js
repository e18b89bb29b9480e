import { auth0 } from '../../auth0';

/** With a token that was renewed just now. */
export async function GET() {
  const { token } = await auth0.getAccessToken({ refresh: true });
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${process.env.AUTH0_DOMAIN}/userinfo`, { headers });
  return Response.json(await answer.json());
}
