import type { Deps } from '../../activities';
import { createGpgv } from '../adapters/gpg/gpgv';
import { verifyGpg } from '../adapters/gpg/simple-signing';
import { createOciVendors } from '../adapters/oci/base-vendors';
import { createOciRegistry } from '../adapters/oci/oci-registry';
import type { PostgresRegistryStores } from '../adapters/postgres/registry-stores';
import { verifyCosign } from '../adapters/sigstore/vendor-signatures';
import { createTrustFolder } from '../config/trust-folder';
import type { WorkerConfig } from '../config/worker';
import type { VerifyVendor } from '../ports/vendor-verifier';
import { createReadBases } from './read-bases';
import { readLogin } from './registry-login';

/** By cosign in process, by GnuPG in a process of its own. */
export function createVendorVerifier({ folder, gpgv }: WorkerConfig['baseTrust']): VerifyVendor {
  const readTrustFile = createTrustFolder(folder);
  const check = createGpgv(gpgv);
  return (image, rule) =>
    rule.kind === 'gpg-simple'
      ? verifyGpg(image, rule, { check, readTrustFile })
      : verifyCosign(image, rule, readTrustFile);
}

/** What bases are imported with, and builds go by. */
export async function joinBases(
  config: WorkerConfig,
  { baseCatalogue }: Pick<PostgresRegistryStores, 'baseCatalogue'>,
): Promise<Pick<Deps, 'baseVendors' | 'custodian' | 'readBases' | 'verifyVendor'>> {
  const write = { url: config.registryUrl, ...(await readLogin(config.custodianLogin)) };
  return {
    baseVendors: createOciVendors({ write }),
    custodian: createOciRegistry(write),
    readBases: createReadBases(baseCatalogue, config.basesFile),
    verifyVendor: createVendorVerifier(config.baseTrust),
  };
}
