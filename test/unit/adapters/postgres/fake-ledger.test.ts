import { describeLedger } from '../../../support/contracts/ledger';
import { createFakeLedger } from '../../../support/fakes/ledger';

describeLedger('fake', () => {
  const ledger = createFakeLedger();
  return Promise.resolve({
    ledger,
    addException: (exception) => {
      ledger.exceptions.push(exception);
      return Promise.resolve();
    },
    quarantine: (digest) => {
      ledger.quarantined.add(digest);
      return Promise.resolve();
    },
    verdictsOf: (runId) =>
      Promise.resolve(
        ledger.verdicts.filter((one) => one.runId === runId).map((one) => one.verdict),
      ),
    close: () => Promise.resolve(),
  });
});

describe('fake ledger', () => {
  it('fails as often as it is told, then works again', async () => {
    const ledger = createFakeLedger();
    ledger.fail('LEDGER_UNAVAILABLE', 2, 'ping');

    await expect(ledger.ping()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await expect(ledger.currentEpoch('shop')).resolves.toBe(0);
    await expect(ledger.ping()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await expect(ledger.ping()).resolves.toBeUndefined();
    expect(ledger.calls.map((call) => call.method)).toEqual([
      'ping',
      'currentEpoch',
      'ping',
      'ping',
    ]);
  });
});
