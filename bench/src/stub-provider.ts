import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from './peers/listen.ts';

/*
 * The upstream of every contestant: an OAuth 2.0 provider at which each authorization is another person's, so that
 * every sign-in is the first of a new user. It checks nothing, since its work must not be mistaken for a contestant's.
 */

let people = 0;

function authorize(query: URLSearchParams, response: ServerResponse): void {
  people += 1;
  const state = encodeURIComponent(query.get('state') ?? '');
  response.writeHead(302, { location: `${query.get('redirect_uri')}?code=code-${people}&state=${state}` }).end();
}

function token(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.setEncoding('latin1');
  request.on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    const person = /(?:^|&)code=code-(\d+)/.exec(body)?.[1];
    if (person === undefined) answer(response, 400, { error: 'invalid_grant' });
    else answer(response, 200, tokensOf(person));
  });
}

const tokensOf = (person: string) => ({
  access_token: `access-${person}`,
  refresh_token: `refresh-${person}`,
  token_type: 'Bearer',
  expires_in: 3600,
  scope: 'profile email',
});

function userinfo(request: IncomingMessage, response: ServerResponse): void {
  const person = /^Bearer access-(\d+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (person === undefined) answer(response, 401, { error: 'invalid_token' });
  else answer(response, 200, profileOf(person));
}

const profileOf = (person: string) => ({
  id: `person-${person}`,
  email: `person-${person}@people.example`,
  email_verified: true,
  name: `Person ${person}`,
  picture: `https://people.example/${person}.png`,
});

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

listen(() => (request, response) => {
  const [path, query] = (request.url ?? '').split('?', 2);
  if (path === '/authorize') authorize(new URLSearchParams(query), response);
  else if (path === '/token') token(request, response);
  else if (path === '/userinfo') userinfo(request, response);
  else answer(response, 404, { error: 'not_found' });
});
