import { Router } from 'express';
import { html } from '../pages/html.ts';
import { people } from './people.ts';

/** The picture of a person: the initial on a colour. */
export function avatarRoutes(): Router {
  const router = Router();
  router.get('/avatars/:file', (request, response) => {
    const person = people.find(({ username }) => `${username}.svg` === request.params.file);
    if (!person) return void response.sendStatus(404);
    const picture = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">
<rect width="96" height="96" fill="hsl(${person.hue} 45% 34%)"/>
<text x="48" y="64" font-family="system-ui, sans-serif" font-size="44" font-weight="600" fill="#fff" text-anchor="middle">${person.name.slice(0, 1)}</text>
</svg>`;
    response.type('image/svg+xml').set('cache-control', 'max-age=3600').send(picture.markup);
  });
  return router;
}
