import { importInventory, type ImportedRepository } from '../../activities/import-inventory';
import { createCatalogInventorySource } from '../adapters/oci/catalog-inventory';
import { createOciRegistry } from '../adapters/oci/oci-registry';
import { createOciRegistryCatalog } from '../adapters/oci/registry-catalog';
import { createPostgresRegistryStores } from '../adapters/postgres/registry-stores';
import { createDistributionLayoutSource } from '../adapters/storage/distribution-layout';
import { createOciLayoutSource } from '../adapters/storage/oci-layout';
import { readImportConfig, type ImportConfig } from '../config/import-inventory';
import { ReleaseError } from '../contract/errors';
import { readLogin } from './registry-login';

function tell({ repository, tags, manifests, faults }: ImportedRepository): void {
  process.stdout.write(`${repository}: ${tags} tags, ${manifests} manifests\n`);
  for (const fault of faults) process.stderr.write(`${repository}: ${fault}\n`);
}

/** Run once where a registry is older than its gateway (docs/gc-inventory.md). `--after REPOSITORY` goes on after one. */
async function main(config: ImportConfig, args: readonly string[]): Promise<void> {
  const [flag, after] = args;
  if (args.length > 0 && (flag !== '--after' || after === undefined || args.length > 2)) {
    throw new ReleaseError('INVALID_INPUT', 'usage: import-inventory [--after REPOSITORY]');
  }
  const backend = { url: config.backend.url, ...(await readLogin(config.backend.login)) };
  const { requestsPerSecond, storageDir, layout } = config;
  const catalog = createOciRegistryCatalog({ ...backend, requestsPerSecond });
  const overHttp = createCatalogInventorySource({ catalog, registry: createOciRegistry(backend) });
  const onDisk = layout === 'oci' ? createOciLayoutSource : createDistributionLayoutSource;
  const source = storageDir === null ? overHttp : onDisk(storageDir);
  const stores = createPostgresRegistryStores({ connectionString: config.databaseUrl });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort(new Error(`ended by ${signal}: go on with --after and the last repository above`));
    });
  }
  const deps = { catalog, source, inventory: stores.inventory, now: () => new Date() };
  try {
    await importInventory(deps, stop.signal, after === undefined ? {} : { after }, tell);
  } finally {
    await stores.close();
  }
}

main(readImportConfig(), process.argv.slice(2)).catch((error: unknown) => {
  const remedy = error instanceof ReleaseError ? error.details['remedy'] : undefined;
  const text = error instanceof Error ? error.message : String(error);
  const help = typeof remedy === 'string' ? ` (${remedy})` : '';
  process.stderr.write(`import-inventory: ${text}${help}\n`);
  process.exitCode = 1;
});
