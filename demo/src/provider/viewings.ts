/** One thing that somebody watched. */
export type Viewing = {
  readonly titleId: string;
  readonly title: string;
  readonly seriesTitle: string | null;
  readonly date: string;
  readonly durationSeconds: number;
};

type Title = Omit<Viewing, 'date'>;

const film = (titleId: string, title: string, minutes: number): Title => ({
  titleId,
  title,
  seriesTitle: null,
  durationSeconds: minutes * 60,
});

const episode = (titleId: string, seriesTitle: string, title: string): Title => ({
  titleId,
  title,
  seriesTitle,
  durationSeconds: 47 * 60,
});

const titles: readonly Title[] = [
  film('t-101', 'The Quiet Orbit', 118),
  episode('t-202', 'Salt Roads', 'Episode 3: The ferry'),
  episode('t-203', 'Salt Roads', 'Episode 4: Low water'),
  film('t-104', 'A Map of Small Fires', 96),
  film('t-105', 'Paper Lighthouse', 104),
  episode('t-306', 'Night Kitchen', 'Lisbon'),
  episode('t-307', 'Night Kitchen', 'Oaxaca'),
  film('t-108', 'Seventeen Winters', 131),
  episode('t-409', 'The Lower Field', 'Pilot'),
];

const lastEvening = Date.UTC(2026, 9, 31, 20, 15);
const dayMs = 24 * 60 * 60 * 1000;

/** `count` evenings back from a fixed one, newest first, going round the titles from number `from`. */
export function readHistory({ count, from }: { count: number; from: number }): readonly Viewing[] {
  return Array.from({ length: count }, (_, index) => {
    const title = titles[(from + index) % titles.length] ?? film('t-0', 'Untitled', 0);
    return { ...title, date: new Date(lastEvening - index * dayMs).toISOString() };
  });
}
