import type { User } from '@auth0/auth0-spa-js';
import { create, element } from './page.ts';

/** As the connection's profile script names them. */
type Watched = {
  readonly title_name?: string;
  readonly series_title?: string | null;
  readonly watched_at?: string;
  readonly duration?: number;
};

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });

function historyRow(item: Watched): HTMLTableRowElement {
  const title = create('td', item.title_name ?? 'Untitled');
  if (item.series_title) {
    const series = create('span', item.series_title);
    series.className = 'soft';
    title.append(series);
  }
  const minutes = create('td', item.duration === undefined ? '' : String(Math.round(item.duration / 60)));
  minutes.className = 'number';
  return create('tr', title, create('td', item.watched_at ? day.format(new Date(item.watched_at)) : ''), minutes);
}

function showHistory(history: readonly Watched[]): void {
  const table = element('history', HTMLTableElement);
  table.tBodies[0]?.replaceChildren(...history.map(historyRow));
  table.hidden = history.length === 0;
  element('no-history', HTMLParagraphElement).hidden = history.length > 0;
}

function showClaims(user: User): void {
  const rows = Object.entries(user)
    .filter(([name, value]) => name !== 'user_metadata' && value !== undefined)
    .map(([name, value]) => {
      const claim = create('dd', typeof value === 'string' ? value : JSON.stringify(value));
      claim.dataset['testid'] = `claim-${name}`;
      return create('div', create('dt', name), claim);
    });
  element('claims', HTMLDListElement).replaceChildren(...rows);
}

export function showProfile(user: User): void {
  element('name', HTMLHeadingElement).textContent = user.name ?? user.sub ?? '';
  element('email', HTMLParagraphElement).textContent = user.email ?? '';
  const picture = element('picture', HTMLImageElement);
  picture.hidden = user.picture === undefined;
  if (user.picture !== undefined) picture.src = user.picture;
  showClaims(user);
  const metadata: { watch_history?: Watched[] } | undefined = user['user_metadata'];
  showHistory(metadata?.watch_history ?? []);
}
