import { writeFile } from 'node:fs/promises';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { createRekorWitness } from '../../src/adapters/rekor/rekor-witness';
import { createSigstoreSigner } from '../../src/adapters/sigstore/sigstore-signer';
import { inParallel } from '../../src/contract/in-parallel';
import type { Json } from '../../src/domain/verdict';
import { keysDir, trustedRootFile } from '../../src/local/stack/seed-step';
import { createReleases } from '../support/admission-releases';
import type { BenchStack } from './bench-stack';

/** prod:stable, and what was it before, so far back that the allow-list's rollback window still holds it. */
const RELEASES_PER_SERVICE = 6;
const PARALLEL = 8;
const COMPONENTS = 300;

export interface SignedImages {
  /** One a service, for what must have happened once before. */
  readonly warmUp: readonly string[];
  readonly measured: readonly string[];
}

export function serviceCount(measured: number): number {
  return Math.ceil(measured / (RELEASES_PER_SERVICE - 1));
}

const nameOf = (service: number): string => `shop-${String(service).padStart(3, '0')}`;

export async function writeCatalog(file: string, services: number): Promise<void> {
  const rows = Array.from({ length: services }, (_, service) => {
    return `  - { svc: ${nameOf(service)}, name: web, owner: team-shop, region: eu-west-1 }`;
  });
  await writeFile(file, ['apiVersion: plura.reg/v1', 'services:', ...rows, ''].join('\n'));
}

/** As large as those of common services: what is attached is read whole. */
function sbomOf(): Json {
  const components = Array.from({ length: COMPONENTS }, (_, number) => ({
    type: 'library',
    'bom-ref': `pkg:npm/component-${number}@1.${number}.0`,
    name: `component-${number}`,
    version: `1.${number}.0`,
    purl: `pkg:npm/component-${number}@1.${number}.0`,
    licenses: [{ license: { id: 'Apache-2.0' } }],
  }));
  return { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components };
}

/** Releases by the product's own signer, registry adapter and ledger; no workflow ran for them. */
export async function releaseImages(
  { addresses, stateDir, robot }: BenchStack,
  services: number,
): Promise<SignedImages> {
  const credentials = robot('system');
  const { username, password } = credentials;
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  const trustedRoot = trustedRootFile(stateDir);
  const ledger = createPostgresLedger({ connectionString: addresses.database });
  try {
    const releases = await createReleases({
      registryUrl: addresses.registry,
      login: { authorization: `Basic ${basic}` },
      registry: createOciRegistry({ url: addresses.registry, credentials }),
      signer: createSigstoreSigner({
        kms: createFileKeyManagement({ dir: keysDir(stateDir) }),
        witness: createRekorWitness({ url: addresses.rekor }),
        trustedRootFile: trustedRoot,
      }),
      ledger,
    });
    const host = new URL(addresses.registry).host;
    const sbom = sbomOf();
    const numbers = Array.from({ length: services }, (_, service) => service);
    const made = await inParallel(numbers, PARALLEL, async (service) => {
      const images: string[] = [];
      while (images.length < RELEASES_PER_SERVICE) {
        const { repository, digest } = await releases.release({ svc: nameOf(service), sbom });
        images.push(`${host}/${repository}@${digest}`);
      }
      return images;
    });
    return {
      warmUp: made.map((images) => images.slice(0, 1)).flat(),
      measured: made.flatMap((images) => images.slice(1)),
    };
  } finally {
    await ledger.close();
  }
}
