import { remembered } from '../../../src/contract/remembered';

interface Rig {
  readonly loads: readonly string[];
  readonly get: (key?: string) => Promise<number>;
  readonly forget: () => void;
  readonly advance: (ms: number) => void;
  failNext: boolean;
}

/** Each load gives the next number. */
function rig(maxAgeMs = 100): Rig {
  let nowMs = 0;
  let next = 0;
  const loads: string[] = [];
  const known = remembered(
    maxAgeMs,
    (key) => {
      loads.push(key);
      next += 1;
      const { failNext } = made;
      made.failNext = false;
      return failNext ? Promise.reject(new Error('away')) : Promise.resolve(next);
    },
    () => nowMs,
  );
  const made: Rig = {
    loads,
    get: (key = 'a') => known.get(key),
    forget: () => {
      known.forget('a');
    },
    advance: (ms) => {
      nowMs += ms;
    },
    failNext: false,
  };
  return made;
}

/** Until what is loaded ahead of time is there. */
const renewed = (): Promise<void> => jest.advanceTimersByTimeAsync(20);

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('what is remembered', () => {
  it('is loaded once for each key while it is young', async () => {
    const { get, advance, loads } = rig();

    expect([await get(), await get('b')]).toEqual([1, 2]);
    advance(50);
    expect([await get(), await get('b')]).toEqual([1, 2]);
    expect(loads).toEqual(['a', 'b']);
  });

  it('is loaded anew past half of its age, once and a moment later, for those who come after', async () => {
    const { get, advance, loads } = rig();
    await get();
    advance(60);

    expect([await get(), await get()]).toEqual([1, 1]);
    expect(loads).toHaveLength(1);
    await renewed();
    expect(await get()).toBe(2);
    expect(loads).toHaveLength(2);
  });

  it('is as old as its load is, so that nothing older than the limit is ever given', async () => {
    const { get, advance } = rig();
    await get();
    advance(60);
    await get();
    await renewed();
    advance(45);
    expect(await get()).toBe(2);
    await renewed();
    advance(100);

    expect(await get()).toBe(3);
  });

  it('is waited for once it is too old', async () => {
    const { get, advance } = rig();
    await get();
    advance(100);

    expect(await get()).toBe(2);
  });

  it('holds while a load ahead of time fails, which is told when it is too old', async () => {
    const made = rig();
    await made.get();
    made.advance(60);
    made.failNext = true;

    expect(await made.get()).toBe(1);
    await renewed();
    expect(await made.get()).toBe(1);
    made.advance(60);
    made.failNext = true;
    await expect(made.get()).rejects.toThrow('away');
    expect(await made.get()).toBe(4);
  });

  it('is not brought back by a load that was under way when it was forgotten', async () => {
    const { get, forget, advance } = rig();
    await get();
    advance(60);
    await get();
    jest.advanceTimersByTime(20);
    forget();

    expect([await get(), await get()]).toEqual([3, 3]);
  });

  it('is not loaded ahead of time any more once it was forgotten', async () => {
    const { get, forget, advance, loads } = rig();
    await get();
    advance(60);
    await get();
    forget();
    await renewed();

    expect(loads).toHaveLength(1);
  });

  it('may be remembered for ever', async () => {
    const { get, advance, loads } = rig(Infinity);
    await get();
    advance(1e12);

    expect(await get()).toBe(1);
    expect(loads).toHaveLength(1);
  });
});
