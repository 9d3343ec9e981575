import { join } from 'node:path';
import { createThreadPlanner } from '../../../../src/adapters/gc-planner/thread-planner';
import { ReleaseError } from '../../../../src/contract/errors';
import type { PlanOrder, Planning } from '../../../../src/ports/gc-planner';

const planner = createThreadPlanner({
  entry: join(__dirname, 'threads/hostile.cjs'),
  connection: 'none',
});
const ORDER: PlanOrder = {
  ...{ repository: 'busy', policyHash: 'sha256:p', madeBy: 'ana' },
  policy: { registry: { open: [] } },
};

function planning(over: Partial<Planning> = {}): Planning {
  return {
    readLive: () => Promise.resolve({ roots: [], missing: [] }),
    signal: new AbortController().signal,
    note: () => undefined,
    ...over,
  };
}

describe('a planner in a thread', () => {
  it.each([
    ['throws', /out of memory, say/],
    ['leaves', /code 3 and no answer/],
  ])('fails with its thread: %s', async (repository, message) => {
    await expect(planner.plan({ ...ORDER, repository }, planning())).rejects.toThrow(message);
  });

  it('keeps the code of what could not be asked', async () => {
    const readLive = (): Promise<never> =>
      Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'no services'));

    await expect(
      planner.plan({ ...ORDER, repository: 'asks' }, planning({ readLive })),
    ).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', message: 'no-live: no services' });
  });

  it('ends a busy thread when it is called off, and this thread goes on meanwhile', async () => {
    const abort = new AbortController();
    const notes: string[] = [];
    const note = (text: string): void => {
      notes.push(text);
      abort.abort(new Error('called off'));
    };

    const made = planner.plan(ORDER, planning({ signal: abort.signal, note }));

    await expect(made).rejects.toThrow('called off');
    expect(notes).toEqual(['busy']);
  });

  it('does not begin what was called off', async () => {
    const signal = AbortSignal.abort(new Error('called off'));

    await expect(planner.plan(ORDER, planning({ signal }))).rejects.toThrow('called off');
  });
});
