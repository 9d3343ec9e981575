import { createRekorLog } from '../../src/adapters/rekor/rekor-log';
import { createRekorWitness } from '../../src/adapters/rekor/rekor-witness';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import type { Signer } from '../../src/ports/signer';
import { describeSignerContract } from '../support/contracts/signer';
import { describeTransparencyLogContract } from '../support/contracts/transparency-log';
import { startRekor, type RekorServer } from '../support/rekor-server';

let rekor: RekorServer;
beforeAll(async () => {
  rekor = await startRekor();
}, 30_000);
afterAll(() => rekor.stop());

function createSigner(): Signer {
  const { kms, url, trustedRootFile } = rekor;
  return createSigstoreSigner({ kms, witness: createRekorWitness({ url }), trustedRootFile });
}

describeTransparencyLogContract('Rekor v2', () =>
  createRekorLog({ url: rekor.url, signer: createSigner() }),
);
describeSignerContract('the sigstore signer on Rekor v2', true, createSigner);
