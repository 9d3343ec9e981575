import { ReleaseError } from '../../../../src/contract/errors';
import { createAnswerCache, type Answer } from '../../../../src/admission/cache/answer-cache';

interface Named extends Answer {
  readonly name: string;
}

const GOOD: Named = { name: 'good', good: true, complete: true, expiresAt: null };
const BAD: Named = { ...GOOD, name: 'bad', good: false };

describe('answer cache', () => {
  let clockMs: number;
  let now: Date;
  let asked: number;
  let cache: ReturnType<typeof createAnswerCache<Named>>;

  beforeEach(() => {
    clockMs = 0;
    now = new Date('2026-03-01T00:00:00Z');
    asked = 0;
    cache = createAnswerCache<Named>({
      goodMs: 60_000,
      badMs: 5_000,
      entries: 3,
      now: () => now,
      clock: () => clockMs,
    });
  });

  function advance(ms: number): void {
    clockMs += ms;
    now = new Date(now.getTime() + ms);
  }

  async function ask(answer: Named, key = 'k'): Promise<boolean> {
    const { hit } = await cache.get(key, () => {
      asked += 1;
      return Promise.resolve(answer);
    });
    return hit;
  }

  it.each([
    ['a good answer for a minute', GOOD, 59_999, true],
    ['a good answer no longer', GOOD, 60_000, false],
    ['a bad answer for five seconds', BAD, 4_999, true],
    ['a bad answer no longer', BAD, 5_000, false],
    ['an answer not past its end', { ...GOOD, expiresAt: '2026-03-01T00:00:10Z' }, 9_999, true],
    ['an answer until its end', { ...GOOD, expiresAt: '2026-03-01T00:00:10Z' }, 10_000, false],
    ['no answer that has ended', { ...GOOD, expiresAt: '2026-02-28T00:00:00Z' }, 0, false],
    ['no answer with an end that can not be read', { ...GOOD, expiresAt: 'soon' }, 0, false],
    ['no answer that is not complete', { ...GOOD, complete: false }, 0, false],
  ])('keeps %s', async (_what, answer, laterMs, isHit) => {
    await ask(answer);
    advance(laterMs);

    expect(await ask(answer)).toBe(isHit);
  });

  it('goes by the calendar too, when the clock stood still', async () => {
    await ask({ ...GOOD, expiresAt: '2026-03-01T00:00:10Z' });
    now = new Date('2026-03-01T01:00:00Z');

    expect(await ask(GOOD)).toBe(false);
  });

  it('counts from before the question', async () => {
    await cache.get('k', () => {
      advance(59_000);
      return Promise.resolve(GOOD);
    });
    advance(1_000);

    expect(await ask(GOOD)).toBe(false);
  });

  it('asks once for all that ask at the same time', async () => {
    const answers = await Promise.all([ask(GOOD), ask(GOOD), ask(GOOD, 'other')]);

    expect(answers).toEqual([false, false, false]);
    expect(asked).toBe(2);
  });

  it('does not wait for a question that hangs', async () => {
    void cache.get('k', () => new Promise(() => undefined));
    advance(10_000);

    expect(await ask(GOOD)).toBe(false);
    expect(await ask(GOOD)).toBe(true);
  });

  it('gives a failure to all that wait, and keeps none', async () => {
    const fail = (): Promise<Named> => {
      asked += 1;
      return Promise.reject(new ReleaseError('REGISTRY_UNAVAILABLE', 'down'));
    };

    const waiting = await Promise.allSettled([cache.get('k', fail), cache.get('k', fail)]);

    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(asked).toBe(1);
    expect(await ask(GOOD)).toBe(false);
  });

  it('holds so many and no more', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await ask(GOOD, key);

    expect(cache.size()).toBe(3);
    expect(await ask(GOOD, 'd')).toBe(true);
    expect(await ask(GOOD, 'a')).toBe(false);
  });
});
