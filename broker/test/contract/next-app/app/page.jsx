import { auth0 } from '../auth0';

export default async function Home() {
  const session = await auth0.getSession();
  return <h1>{session ? `Welcome, ${session.user.name}!` : 'Nobody'}</h1>;
}
