import type { Statement, TransparencyLog } from '../../../src/ports/signer';
import { withCallFaults, type CallFaults } from './call-faults';
import { createFakeSigner } from './signer';

export interface FakeTransparencyLog extends TransparencyLog, CallFaults {
  readonly entries: readonly { readonly keyId: string; readonly statement: Statement }[];
}

export function createFakeTransparencyLog(): FakeTransparencyLog {
  const entries: { readonly keyId: string; readonly statement: Statement }[] = [];
  const signer = createFakeSigner();
  const log: TransparencyLog & Pick<FakeTransparencyLog, 'entries'> = {
    entries,
    append: async (keyId, statement) => {
      const bundle = await signer.sign(keyId, statement, true);
      entries.push({ keyId, statement });
      return { index: `${entries.length - 1}`, bundle };
    },
    ping: () => Promise.resolve(),
  };
  return withCallFaults(log);
}
