import { Router } from 'express';
import type { Service } from './service.ts';

/** The mark of each service as a path on a field of 24, and its colour where no page sets one. */
export const logos: Readonly<Record<Service['id'], { readonly path: string; readonly colour: string }>> = {
  streamline: { path: 'M3 5h18v3H3zm3 5.5h15v3H6zm3 5.5h12v3H9z', colour: '#0b6b62' },
  hilltop: { path: 'M2 20 9 6l4.5 9L16 10l6 10z', colour: '#7a3e9d' },
};

/** `/logos/<service>.svg`: what a sign-in button shows. */
export function logoRoutes(): Router {
  const router = Router();
  for (const [id, { path, colour }] of Object.entries(logos)) {
    const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="${colour}" d="${path}"/></svg>`;
    router.get(`/logos/${id}.svg`, (_request, response) => {
      response.type('image/svg+xml').set('cache-control', 'max-age=3600').send(picture);
    });
  }
  return router;
}
