import { pino } from 'pino';
import { ReleaseError } from '../../../../src/contract/errors';
import {
  createActivityRecorder,
  type ActivityRecorder,
} from '../../../../src/gateway/activity/activity-recorder';
import type { Activity, Inventory, RegistryEvent } from '../../../../src/ports/inventory';
import { digestOf, NOW } from '../reads-server';

let batches: (readonly Activity[])[];
let events: RegistryEvent[];
let heard: string[];
let isDown: boolean;
let recorder: ActivityRecorder;

beforeEach(() => {
  jest.useFakeTimers();
  batches = [];
  events = [];
  heard = [];
  isDown = false;
  const inventory: Pick<Inventory, 'recordActivity' | 'recordEvent' | 'recordHeard'> = {
    recordActivity: (reads) => {
      if (isDown) return Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'down'));
      batches.push(reads);
      return Promise.resolve();
    },
    recordEvent: (event) => Promise.resolve(void events.push(event)),
    recordHeard: (at) => {
      if (isDown) return Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'down'));
      return Promise.resolve(void heard.push(at));
    },
  };
  const log = pino({ level: 'silent' });
  recorder = createActivityRecorder({ inventory, log, now: () => new Date() });
});

afterEach(async () => {
  await recorder.close();
  jest.useRealTimers();
});

function read(name: string, at = NOW): Activity {
  return { repository: 'apps/checkout/checkout', tag: name, digest: digestOf(name), at };
}

function readMany(from: number, to: number): void {
  for (let at = from; at < to; at += 1) recorder.record(read(`tag-${at}`));
}

const written = (): readonly (string | null)[] => batches.flat().map(({ tag }) => tag);

describe('a minute', () => {
  it('in which all reads were written, or there were none, is told of', async () => {
    const began = Date.now();
    recorder.record(read('a'));

    await jest.advanceTimersByTimeAsync(120_000);

    const minutes = [1, 2].map((minute) => new Date(began + minute * 60_000).toISOString());
    expect(heard).toEqual(minutes);
  });

  it('in which reads could not be written is not, nor is one without Postgres', async () => {
    isDown = true;
    await jest.advanceTimersByTimeAsync(60_000);
    recorder.record(read('a'));
    await jest.advanceTimersByTimeAsync(57_000);
    isDown = false;

    await jest.advanceTimersByTimeAsync(3_000);
    expect(heard).toEqual([]);
    await jest.advanceTimersByTimeAsync(60_000);

    expect(heard).toHaveLength(1);
    expect(written()).toEqual(['a']);
  });
});

describe('reads', () => {
  it('are written together after 5 s, each once with its newest time', async () => {
    const later = '2026-11-24T12:00:03.000Z';
    recorder.record(read('a'));
    recorder.record(read('b'));
    recorder.record(read('a', later));

    await jest.advanceTimersByTimeAsync(4999);
    expect(batches).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);

    expect(batches).toEqual([[read('a', later), read('b')]]);
  });

  it('are written at once when there are 500', async () => {
    readMany(0, 500);
    await jest.advanceTimersByTimeAsync(0);

    expect(batches.map((batch) => batch.length)).toEqual([500]);
  });

  it('wait while Postgres is away, and are written in batches afterwards', async () => {
    isDown = true;
    readMany(0, 1200);
    await jest.advanceTimersByTimeAsync(5000);
    isDown = false;

    await jest.advanceTimersByTimeAsync(5000);

    expect(batches.map((batch) => batch.length)).toEqual([500, 500, 200]);
    expect(new Set(written()).size).toBe(1200);
  });

  it('are dropped beyond what may wait', async () => {
    isDown = true;
    readMany(0, 20_001);
    await jest.advanceTimersByTimeAsync(5000);
    isDown = false;

    await jest.advanceTimersByTimeAsync(5000);

    expect(new Set(written()).size).toBe(20_000);
  });

  it('that came during a failed write keep their newer time', async () => {
    const later = '2026-11-24T12:00:06.000Z';
    isDown = true;
    recorder.record(read('a'));
    jest.advanceTimersByTime(5000);
    recorder.record(read('a', later));
    await jest.advanceTimersByTimeAsync(0);
    isDown = false;

    await jest.advanceTimersByTimeAsync(5000);

    expect(batches).toEqual([[read('a', later)]]);
  });

  it('are written when the gateway stops', async () => {
    recorder.record(read('a'));

    await recorder.close();

    expect(written()).toEqual(['a']);
  });
});
