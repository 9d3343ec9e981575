import { createNoWormStore } from '../../../../src/adapters/s3/no-worm-store';
import { codeOf } from '../../../support/contracts/ledger-builders';
import { describeWormStoreContract, wormPut } from '../../../support/contracts/worm-store';
import { createFakeWormStore } from '../../../support/fakes/worm-store';

describeWormStoreContract('fake', createFakeWormStore);

test('where none is configured, every call is refused', async () => {
  const none = createNoWormStore();
  const version = { key: 'a', version: 'b' };

  const calls = [
    none.check(),
    none.put(wormPut(Buffer.from('a'))),
    none.read(version),
    none.lockOf(version),
    none.lock(version, '2040-01-01T00:00:00Z'),
  ];

  for (const call of calls) expect(await codeOf(call)).toBe('WORM_REFUSED');
});
