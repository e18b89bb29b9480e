import { describe, expect, test } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import {
  addPerson,
  obtainTokens,
  readForm,
  readHandoff,
  readWebMessage,
  silentUrl,
  web,
} from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';

const bye = 'https://app.example.com/bye';

const getWorld = useWorld({
  change(seed) {
    const [first] = seed.connections;
    if (first === undefined) throw new Error('the seed has a connection');
    const add = (name: string, options: Record<string, unknown>) =>
      seed.connections.push({ ...first, name, options: { ...first.options, ...options } });
    const script = (body: string) => ({ scripts: { getLogoutUrl: `function (query, callback) { ${body} }` } });
    add('configured', {
      logoutUrl: 'https://idp.example.com/logout?tenant=a%20b',
      ...script("callback('never asked');"),
    });
    add('complete', {
      logoutUrl: 'https://idp.example.com/logout?post_logout_redirect_uri=https%3A%2F%2Fx.example&client_id=y',
    });
    add(
      'scripted-logout',
      script("callback(null, 'https://idp.example.com/out?told=' + encodeURIComponent(JSON.stringify(query)));"),
    );
    add('throws', script("throw new Error('broken');"));
    add('refuses', script("callback(new Error('no way out'));"));
    add('javascript', script("callback(null, 'javascript:alert(1)');"));
    add('user-name', script("callback(null, 'https://idp.example.com@evil.example.com/');"));
    add('line-break', script("callback(null, 'https://idp.example.com/\\r\\nSet-Cookie: a=b');"));
    add('huge', script("callback(null, 'https://idp.example.com/?' + 'x'.repeat(1000000 - 100));"));
    add('object', script('callback(null, { href: query.returnTo });'));
    add('nothing', script('callback();'));
    add('wrong', { logoutUrl: 'javascript:alert(1)' });
  },
});

const signedIn = async (connection: string) => {
  const person = addPerson(getWorld());
  const { agent, id_token: idToken = '' } = await obtainTokens(getWorld(), web, { login_hint: person.id, connection });
  return { agent, idToken };
};
const isSignedIn = async (agent: Agent) =>
  readWebMessage((await agent.get(silentUrl(getWorld()))).body).response.code !== undefined;
const address = (path: string, query: Record<string, string>) =>
  `${getWorld().broker.url(path)}?${new URLSearchParams(query)}`;
const back = () => getWorld().broker.url('v2/logout/callback');

describe('/v2/logout with federated', () => {
  test('goes through logoutUrl with our return address, and from there to the proven target', async () => {
    const { agent } = await signedIn('configured');
    const returnTo = `${bye}?reason=mine#part`;
    const leaving = await agent.get(`${address('v2/logout', { client_id: 'web', returnTo })}&federated`);
    expect(leaving.status).toBe(302);
    expect(leaving.location).toBe(
      `https://idp.example.com/logout?tenant=a%20b&post_logout_redirect_uri=${encodeURIComponent(back())}&client_id=portico-at-provider`,
    );
    expect(leaving.location).not.toContain('app.example.com');
    expect(await isSignedIn(agent)).toBe(false);
    const returned = await agent.get(`${back()}?returnTo=https://evil.example.com/&state=x`);
    expect({ status: returned.status, location: returned.headers.location }).toEqual({
      status: 302,
      location: returnTo,
    });
    // The wish is used up.
    expect(await agent.get(back())).toMatchObject({ status: 200, location: undefined });
  });

  test('parameters that logoutUrl has already stay', async () => {
    const { agent } = await signedIn('complete');
    const leaving = await agent.get(address('v2/logout', { client_id: 'web', returnTo: bye, federated: '' }));
    expect(leaving.location).toBe(
      'https://idp.example.com/logout?post_logout_redirect_uri=https%3A%2F%2Fx.example&client_id=y',
    );
  });

  test('without logoutUrl the script makes the address', async () => {
    const { agent } = await signedIn('scripted-logout');
    const leaving = await agent.get(address('v2/logout', { client_id: 'web', returnTo: bye, federated: '1' }));
    const url = new URL(leaving.location ?? '');
    expect(url.origin + url.pathname).toBe('https://idp.example.com/out');
    expect(JSON.parse(url.searchParams.get('told') ?? '')).toEqual({
      federated: '',
      returnTo: back(),
      client_id: 'web',
    });
    expect((await agent.get(back())).location).toBe(bye);
  });

  test('without the word, and for a connection without such an address, the target is next', async () => {
    const { agent } = await signedIn('configured');
    const plain = await agent.get(address('v2/logout', { client_id: 'web', returnTo: bye }));
    expect(plain).toMatchObject({ status: 302, location: bye });
    const other = await signedIn('mapped');
    const federated = await other.agent.get(address('v2/logout', { client_id: 'web', returnTo: bye, federated: '' }));
    expect(federated).toMatchObject({ status: 302, location: bye });
    const nobody = await createAgent().get(address('v2/logout', { client_id: 'web', returnTo: bye, federated: '' }));
    expect(nobody).toMatchObject({ status: 302, location: bye });
  });

  test('a target that is not listed is refused before anything happens', async () => {
    const { agent } = await signedIn('configured');
    const query = { client_id: 'web', returnTo: 'https://evil.example.com/', federated: '' };
    expect(await agent.get(address('v2/logout', query))).toMatchObject({ status: 400, location: undefined });
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('a target in the cookie is compared with the list again, whoever wrote it', async () => {
    for (const endpoint of ['v2', 'oidc', 'other']) {
      const wish = { endpoint, clientId: 'web', target: 'https://evil.example.com/bye' };
      const planted = createAgent(new Map([['logout', Buffer.from(JSON.stringify(wish)).toString('base64url')]]));
      expect(await planted.get(back())).toMatchObject({ status: 400, location: undefined });
    }
    for (const nonsense of ['x', 'bnVsbA', Buffer.from('[1]').toString('base64url'), 'A'.repeat(5000)]) {
      const planted = createAgent(new Map([['logout', nonsense]]));
      expect(await planted.get(back())).toMatchObject({ status: 200, location: undefined });
    }
  });

  test.each([
    ['throws', 'script_runtime'],
    ['refuses', 'script_callback'],
    ['javascript', 'script_url'],
    ['user-name', 'script_url'],
    ['line-break', 'script_url'],
    ['huge', 'script_url'],
    ['object', 'script_url'],
    ['nothing', 'script_contract'],
    ['wrong', 'bad_logout_url'],
  ])('where "%s" makes no address, the person is signed out and goes to the target', async (connection, reason) => {
    const { agent } = await signedIn(connection);
    const { logs } = getWorld().broker;
    const before = logs.length;
    const answer = await agent.get(address('v2/logout', { client_id: 'web', returnTo: bye, federated: '' }));
    expect(answer).toMatchObject({ status: 302, location: bye });
    expect(answer.headers['set-cookie']).not.toContain('evil');
    expect(await isSignedIn(agent)).toBe(false);
    const warnings = logs.slice(before).filter(({ message }) => message === 'upstream logout failed');
    expect(warnings).toEqual([
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ reason, step: 'configuration' }) }),
    ]);
  });
});

describe('/oidc/logout with federated', () => {
  test('goes through the upstream, and back to the exact target with the state', async () => {
    const { agent, idToken } = await signedIn('configured');
    const leaving = await agent.get(
      address('oidc/logout', { id_token_hint: idToken, post_logout_redirect_uri: bye, state: 'a b', federated: '' }),
    );
    expect(leaving).toMatchObject({
      status: 303,
      location: expect.stringMatching(/^https:\/\/idp\.example\.com\/logout/),
    });
    expect(leaving.location).not.toContain('id_token');
    expect(await isSignedIn(agent)).toBe(false);
    expect((await agent.get(back())).location).toBe(`${bye}?state=a+b`);
  });

  test('without a hint the person confirms first, and the page leads to the upstream', async () => {
    const { agent } = await signedIn('configured');
    const asking = await agent.get(
      address('oidc/logout', { client_id: 'web', post_logout_redirect_uri: bye, federated: '' }),
    );
    expect(await isSignedIn(agent)).toBe(true);
    const { action, fields } = readForm(asking.body);
    const answer = await agent.post(action, fields);
    expect(readHandoff(answer.body)).toMatch(/^https:\/\/idp\.example\.com\/logout/);
    expect((await agent.get(back())).location).toBe(bye);
  });
});
