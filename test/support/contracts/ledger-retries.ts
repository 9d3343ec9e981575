import type { ActivityRetry, Ledger } from '../../../src/ports/ledger';
import { T0, T1 } from './ledger-builders';

export function describeRetries(ledger: () => Ledger): void {
  describe('retries', () => {
    const retry: ActivityRetry = {
      releaseId: 'shop/1',
      runId: 'run-1',
      activityId: '7',
      attempt: 3,
      from: T0,
      to: T1,
    };

    it('records the same attempt of an activity once, with its first times', async () => {
      await ledger().recordRetry(retry);
      await ledger().recordRetry({ ...retry, to: T0 });

      expect(await ledger().listRetries(['shop/1'])).toEqual([retry]);
    });

    it('lists those of the releases asked for, of every run, in order', async () => {
      const later = { ...retry, runId: 'run-2', from: T1 };
      await ledger().recordRetry(later);
      await ledger().recordRetry(retry);
      await ledger().recordRetry({ ...retry, releaseId: 'shop/2', activityId: '8' });
      await ledger().recordRetry({ ...retry, releaseId: 'shop/3', activityId: '9' });

      const listed = await ledger().listRetries(['shop/1', 'shop/2', 'shop/9']);

      expect(listed.map(({ releaseId }) => releaseId).sort()).toEqual([
        'shop/1',
        'shop/1',
        'shop/2',
      ]);
      expect(listed.at(-1)).toEqual(later);
      expect(await ledger().listRetries([])).toEqual([]);
    });
  });
}
