import { pino } from 'pino';
import { ReleaseError } from '../../../../src/contract/errors';
import { createEventQueue, type EventQueue } from '../../../../src/gateway/activity/event-queue';
import type { RegistryEvent } from '../../../../src/ports/inventory';
import { NOW } from '../reads-server';

let recorded: RegistryEvent[];
let isDown: boolean;
let queue: EventQueue;

beforeEach(() => {
  jest.useFakeTimers();
  recorded = [];
  isDown = false;
  const recordEvent = (event: RegistryEvent): Promise<void> => {
    if (isDown) return Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'down'));
    recorded.push(event);
    return Promise.resolve();
  };
  queue = createEventQueue({ inventory: { recordEvent }, log: pino({ level: 'silent' }) });
});

afterEach(() => {
  jest.useRealTimers();
});

function event(reference: string): RegistryEvent {
  const repository = 'apps/checkout/checkout';
  const detail = { outcome: 'refused' };
  return { kind: 'pull-blocked', repository, reference, actor: 'runtime', at: NOW, detail };
}

const counts = (): readonly (readonly [string, unknown])[] =>
  recorded.map(({ reference, detail }) => [reference, detail['times']]);

describe('events', () => {
  it('are recorded at once', async () => {
    queue.add(event('a'));
    queue.add(event('b'));
    await jest.advanceTimersByTimeAsync(0);

    expect(counts()).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('that are the same become one with a count while one waits', async () => {
    isDown = true;
    for (let pull = 0; pull < 100; pull += 1) queue.add(event('a'));
    await jest.advanceTimersByTimeAsync(0);
    isDown = false;

    await jest.advanceTimersByTimeAsync(5000);

    expect(counts()).toEqual([['a', 100]]);
    expect(queue.dropped()).toBe(0);
  });

  it('fill no disk: after a thousand they are written ten a second, the same ones as one', async () => {
    for (let pull = 0; pull < 3000; pull += 1) {
      queue.add(event('a'));
      await jest.advanceTimersByTimeAsync(0);
    }
    const atOnce = recorded.length;
    await jest.advanceTimersByTimeAsync(2000);

    expect(atOnce).toBe(1000);
    expect(recorded.length).toBe(1001);
    expect(recorded.reduce((sum, { detail }) => sum + Number(detail['times']), 0)).toBe(3000);
    expect(queue.dropped()).toBe(0);
  });

  it('are dropped and counted beyond what may wait', async () => {
    isDown = true;
    for (let pull = 0; pull < 1003; pull += 1) queue.add(event(`tag-${pull}`));
    await jest.advanceTimersByTimeAsync(0);

    expect(queue.dropped()).toBe(3);
    await queue.drain();
    expect(queue.dropped()).toBe(1003);
  });

  it('are recorded when the gateway stops', async () => {
    isDown = true;
    queue.add(event('a'));
    await jest.advanceTimersByTimeAsync(0);
    isDown = false;

    await queue.drain();

    expect(counts()).toEqual([['a', 1]]);
  });
});
