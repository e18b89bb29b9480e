import { describe, expect, test } from 'vitest';
import { type Agent, createAgent } from '../support/agent.ts';
import { readForm, readHandoff } from '../support/applications.ts';
import { useWorld } from '../support/databases.ts';
import { answerParameters, authorizeUrl, callback, signIn, type WorldOptions } from '../support/world.ts';

/* The pages on the road: whose they are, in which language, what they remember, and where they lead when it is lost. */

const change: WorldOptions['change'] = (seed) => {
  seed.tenant = { friendly_name: 'Northwind', support_url: 'https://help.example.com/' };
  seed.branding = {
    favicon_url: 'https://cdn.example.com/f.png',
    colors: { primary: '#0a7d5a', page_background: '#123' },
  };
  const [client] = seed.clients;
  if (client === undefined) throw new Error('the seed has one');
  client.initiate_login_uri = 'https://app.example.com/login?from=portico';
};

const buttons = (page: string) =>
  [...page.matchAll(/<button[^>]* name="connection" value="([^"]*)"/g)].map(([, name]) => name);

const choose = { connection: undefined };

/** By the page with the buttons, to the answer. */
async function pick(agent: Agent, address: string, connection: string) {
  const page = await agent.follow(address, callback);
  const { action, fields } = readForm(page.body);
  const handoff = await agent.post(action, { ...fields, connection });
  return { page, back: () => agent.follow(readHandoff(handoff.body), callback) };
}

describe('looks and languages', () => {
  const getWorld = useWorld({ change });

  test('colours and icon of the branding are on the page, allowed by its policy', async () => {
    const page = await createAgent().follow(authorizeUrl(getWorld(), choose), callback);
    expect(page.body).toContain('--button:#0a7d5a');
    expect(page.body).toContain('--ground:#112233');
    expect(page.body).toContain('<link rel="icon" href="https://cdn.example.com/f.png">');
    expect(page.headers['content-security-policy']).toMatch(
      /style-src 'sha256-[^']+' 'sha256-[^']+';.*img-src data: https:;/,
    );
  });

  test('ui_locales goes all the way: login page, errors, hand-off, signing out', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const arabic = { ui_locales: 'xx ar-EG', ...choose };
    const page = await agent.follow(authorizeUrl(world, arabic), callback);
    expect(page.body).toContain('<html lang="ar" dir="rtl">');
    const { action, fields } = readForm(page.body);
    const handoff = await agent.post(action, { ...fields, connection: 'mapped' });
    expect(handoff.body).toContain('<html lang="ar" dir="rtl">');
    const error = await agent.get(authorizeUrl(world, { ...arabic, client_id: 'nobody' }));
    expect(error.body).toContain('<h1>لم ينجح تسجيل الدخول.</h1>');
    expect(error.body).toContain('<code>invalid_request: Unknown client: nobody</code>');
    const posted = await agent.get(
      authorizeUrl(world, { prompt: 'none', response_mode: 'form_post', ui_locales: 'de' }),
    );
    expect(posted.body).toContain('<h1>Zurück zur Anwendung</h1>');
    await signIn(world, {}, agent);
    const confirm = await agent.get(world.broker.url('oidc/logout?ui_locales=pl'));
    expect(confirm.body).toContain('<h1>Wylogować?</h1>');
    const form = readForm(confirm.body);
    expect((await agent.post(form.action, form.fields)).body).toContain('<h1>Wylogowano</h1>');
  });

  test('the browser’s language counts where the application has no wish', async () => {
    const response = await fetch(getWorld().broker.url('v2/logout'), {
      headers: { 'accept-language': 'nl, en;q=0.5' },
    });
    expect(await response.text()).toContain('<html lang="nl" dir="ltr">');
  });

  test('screen_hint=signup changes the heading', async () => {
    const page = await createAgent().follow(authorizeUrl(getWorld(), { ...choose, screen_hint: 'signup' }), callback);
    expect(page.body).toContain('<h1>Sign up for <bdi>Web application</bdi></h1>');
  });

  test('WEB-04 nothing hostile in the request becomes markup', async () => {
    const hostile = '"><script>alert(1)</script>';
    const parameters = {
      ui_locales: hostile,
      screen_hint: hostile,
      login_hint: hostile,
      state: hostile,
      display: hostile,
    };
    const page = await createAgent().follow(authorizeUrl(getWorld(), { ...choose, ...parameters }), callback);
    expect(page.body).toContain('<html lang="en" dir="ltr">');
    expect(page.body).not.toContain('<script>');
  });
});

describe('the connection that was used last', () => {
  const getWorld = useWorld({ change });

  test('comes first the next time and says so; its cookie names the connection and nobody', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    expect(buttons((await agent.follow(authorizeUrl(world, choose), callback)).body)).toEqual(['mapped', 'scripted']);
    await signIn(world, { connection: 'scripted' }, agent);
    const asked = authorizeUrl(world, { ...choose, prompt: 'login' });
    const page = await agent.follow(asked, callback);
    expect(buttons(page.body)).toEqual(['scripted', 'mapped']);
    expect(page.body.match(/Last used/g)).toHaveLength(1);
    expect(agent.cookies.get('used')).toMatch(/^con_\w{16}$/);
    await signIn(world, { connection: 'mapped', prompt: 'login' }, agent);
    expect(buttons((await agent.follow(asked, callback)).body)).toEqual(['mapped', 'scripted']);
  });

  test.each(['con_unknown', '', '"><script>', 'x'.repeat(4000)])('a forged cookie moves nothing: %s', async (used) => {
    const agent = createAgent(new Map([['used', used]]));
    const page = await agent.follow(authorizeUrl(getWorld(), choose), callback);
    expect(buttons(page.body)).toEqual(['mapped', 'scripted']);
    expect(page.body).not.toContain('Last used');
  });

  test('prompt=select_account shows the page although there is a session, and although there is one way only', async () => {
    const world = getWorld();
    const { agent } = await signIn(world);
    const page = await agent.follow(authorizeUrl(world, { ...choose, prompt: 'select_account' }), callback);
    expect(buttons(page.body)).toEqual(['mapped', 'scripted']);
    const { store } = world.broker;
    const scripted = (await store.connections.list()).find(({ name }) => name === 'scripted');
    if (scripted === undefined) throw new Error('the seed has it');
    await store.write(store.connections.disableClient(scripted.id, 'web' as never));
    const one = await createAgent().follow(authorizeUrl(world, { ...choose, prompt: 'select_account' }), callback);
    expect(buttons(one.body)).toEqual(['mapped']);
    await store.write(store.connections.enableClient(scripted.id, 'web' as never));
  });
});

describe('a road that is lost', () => {
  const getWorld = useWorld({ change });

  test('two tabs sign in side by side, each with its own answer', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const first = await pick(agent, authorizeUrl(world, { ...choose, state: 'one' }), 'mapped');
    const second = await pick(agent, authorizeUrl(world, { ...choose, state: 'two' }), 'scripted');
    expect(answerParameters(await second.back())).toMatchObject({ code: expect.any(String), state: 'two' });
    expect(answerParameters(await first.back())).toMatchObject({ code: expect.any(String), state: 'one' });
  });

  test('the back button after a sign-in leads to a page that says so, and the next try works', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const { page, back } = await pick(agent, authorizeUrl(world, choose), 'mapped');
    await back();
    const again = await agent.get(page.url);
    expect(again.status).toBe(400);
    expect(again.body).toContain('This sign-in can no longer be finished.');
    expect((await signIn(world, {}, agent)).answer.code).toMatch(/^ac_/);
  });

  test('an expired sign-in leads back to where the application’s sign-ins begin, with our issuer', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const page = await agent.follow(authorizeUrl(world, choose), callback);
    world.broker.clock.advance(901);
    const expired = await agent.get(page.url);
    expect(expired.status).toBe(400);
    const issuer = encodeURIComponent(world.broker.issuerUrl);
    const href = `https://app.example.com/login?from=portico&amp;iss=${issuer}`;
    expect(expired.body).toContain(`<a class="button" href="${href}">Back to Web application</a>`);
  });

  test('/authorize/resume answers in one tab what was signed in in another, once, and in the same browser only', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const page = await agent.follow(authorizeUrl(world, { ...choose, state: 'left' }), callback);
    await signIn(world, {}, agent);
    const resume = page.url.replace('u/login', 'authorize/resume');
    expect((await createAgent().get(resume)).status).toBe(400);
    expect(answerParameters(await agent.get(resume))).toMatchObject({ code: expect.any(String), state: 'left' });
    expect((await agent.get(resume)).status).toBe(400);
  });

  test('/authorize/resume without a session begins again with the same request', async () => {
    const [world, agent] = [getWorld(), createAgent()];
    const page = await agent.follow(authorizeUrl(world, { ...choose, state: 'left' }), callback);
    const resumed = await agent.get(page.url.replace('u/login', 'authorize/resume'));
    const { back } = await pick(agent, resumed.location ?? '', 'mapped');
    expect(answerParameters(await back())).toMatchObject({ code: expect.any(String), state: 'left' });
  });
});

describe('an operator’s own addresses', () => {
  const getWorld = useWorld({
    change(seed) {
      seed.tenant = { error_page: { url: 'https://errors.example.com/show?theme=1' }, enabled_locales: ['fr', 'it'] };
    },
  });

  test('error_page gets the error in its query, escaped, with the language and the trace id of the event', async () => {
    const world = getWorld();
    const parameters = { client_id: 'nobody&x=1', connection: 'mapped', ui_locales: 'de it' };
    const answer = await createAgent().get(authorizeUrl(world, parameters));
    expect(answer.status).toBe(302);
    const url = new URL(answer.location ?? '');
    expect(url.origin + url.pathname).toBe('https://errors.example.com/show');
    const { tracking = '', ...told } = Object.fromEntries(url.searchParams);
    expect(told).toEqual({
      theme: '1',
      client_id: 'nobody&x=1',
      connection: 'mapped',
      lang: 'it',
      error: 'invalid_request',
      error_description: 'Unknown client: nobody&x=1',
    });
    expect(await world.broker.store.logs.listByTrace(tracking)).toMatchObject([{ type: 'f' }]);
    const posted = await createAgent().post(world.broker.url('login/callback'), {});
    expect(posted.status).toBe(303);
    expect(new URL(posted.location ?? '').searchParams.get('lang')).toBe('fr');
  });

  test('what goes to a proven redirect URI does not go there', async () => {
    const answer = await createAgent().get(authorizeUrl(getWorld(), { prompt: 'none' }));
    expect(answer.location?.startsWith(callback)).toBe(true);
  });
});

describe('default_redirection_uri', () => {
  const getWorld = useWorld({
    change(seed) {
      seed.tenant = { default_redirection_uri: 'https://www.example.com/start' };
    },
  });

  test('is where a sign-in can start again that nothing is known of', async () => {
    const lost = await createAgent().get(getWorld().broker.url('u/login?state=st_gone'));
    expect(lost.body).toContain('<a class="button" href="https://www.example.com/start">Back to the application</a>');
  });
});
