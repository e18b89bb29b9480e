/** Time is passed in, so that tests can set it. */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };

export const addSeconds = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000);

export const toEpochSeconds = (date: Date): number => Math.floor(date.getTime() / 1000);
