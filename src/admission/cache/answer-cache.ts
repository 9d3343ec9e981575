import { LRUCache } from 'lru-cache';

/** What can be known about a thing for a while. */
export interface Answer {
  readonly good: boolean;
  /** False when a part of it could not be found out: then it is given to those who asked, and to nobody else. */
  readonly complete: boolean;
  /** RFC 3339: what it rests on ends then; null when it rests on nothing that ends. */
  readonly expiresAt: string | null;
}

export interface Cached<T extends Answer> {
  readonly answer: T;
  readonly hit: boolean;
}

/** Answers by key: one question at a time for a key, and each answer for no longer than what it rests on. */
export interface AnswerCache<T extends Answer> {
  /** What `ask` throws goes to all that wait for it, and is not kept. */
  get(key: string, ask: () => Promise<T>): Promise<Cached<T>>;
  size(): number;
}

interface AnswerCacheOptions {
  readonly goodMs: number;
  readonly badMs: number;
  readonly entries: number;
  readonly now: () => Date;
  /** Milliseconds that never jump. */
  readonly clock?: () => number;
}

interface Kept<T> {
  readonly answer: T;
  /** By `clock`. */
  readonly until: number;
}

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly startedAt: number;
}

/** A question that hangs is not waited for by those who come later. */
const MAX_FLIGHT_MS = 10_000;

export function createAnswerCache<T extends Answer>({
  goodMs,
  badMs,
  entries,
  now,
  clock = () => performance.now(),
}: AnswerCacheOptions): AnswerCache<T> {
  const kept = new LRUCache<string, Kept<T>>({ max: entries });
  const flights = new Map<string, Flight<T>>();

  /** An end that can't be read has come. */
  function hasEnded({ expiresAt }: Answer): boolean {
    return expiresAt !== null && !(Date.parse(expiresAt) > now().getTime());
  }

  function find(key: string): T | null {
    const entry = kept.get(key);
    if (!entry) return null;
    // The end is asked of the calendar, too: a machine that slept has a clock that stood still.
    if (clock() < entry.until && !hasEnded(entry.answer)) return entry.answer;
    kept.delete(key);
    return null;
  }

  async function take(key: string, ask: () => Promise<T>, startedAt: number): Promise<T> {
    const answer = await ask();
    // Counted from before the question: what changed while it was asked may not be in the answer.
    const until = startedAt + (answer.good ? goodMs : badMs);
    if (answer.complete && !hasEnded(answer)) kept.set(key, { answer, until });
    return answer;
  }

  function join(key: string, ask: () => Promise<T>): Promise<T> {
    const running = flights.get(key);
    const startedAt = clock();
    if (running && startedAt - running.startedAt < MAX_FLIGHT_MS) return running.promise;
    const promise = take(key, ask, startedAt).finally(() => {
      if (flights.get(key)?.promise === promise) flights.delete(key);
    });
    flights.set(key, { promise, startedAt });
    return promise;
  }

  return {
    get: async (key, ask) => {
      const answer = find(key);
      return answer ? { answer, hit: true } : { answer: await join(key, ask), hit: false };
    },
    size: () => kept.size,
  };
}
