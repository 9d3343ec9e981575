import { importInventory, type ImportedRepository } from '../../activities/import-inventory';
import { createCatalogInventorySource } from '../adapters/oci/catalog-inventory';
import { createOciRegistry } from '../adapters/oci/oci-registry';
import { createOciRegistryCatalog } from '../adapters/oci/registry-catalog';
import { createPostgresRegistryStores } from '../adapters/postgres/registry-stores';
import { createDistributionLayoutSource } from '../adapters/storage/distribution-layout';
import { createOciLayoutSource } from '../adapters/storage/oci-layout';
import { formatError } from '../cli/output/error';
import { createPaint } from '../cli/output/style';
import { readImportConfig } from '../config/import-inventory';
import { failureReason } from '../contract/error-reason';
import { ERRORS, ReleaseError } from '../contract/errors';
import { INTERRUPTED_EXIT } from '../contract/exit-codes';
import { IMPORT_USAGE, readImportArguments, type ImportArguments } from './import-arguments';
import { readLogin } from './registry-login';

/** Something could not be read or recorded. */
const INCOMPLETE_EXIT = 8;

interface Teller {
  readonly tell: (imported: ImportedRepository) => void;
  /** Returns the exit code. */
  readonly end: () => number;
}

function createTeller(json: boolean): Teller {
  const total = { repositories: 0, tags: 0, manifests: 0, faults: 0 };
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  return {
    tell: (imported) => {
      const { repository, tags, manifests, faults } = imported;
      total.repositories += 1;
      total.tags += tags;
      total.manifests += manifests;
      total.faults += faults.length;
      say(
        json
          ? JSON.stringify(imported)
          : `${repository}: ${tags} tags, ${manifests} manifests recorded`,
      );
      for (const fault of faults) process.stderr.write(`${repository}: ${fault}\n`);
    },
    end: () => {
      const { repositories, tags, manifests, faults } = total;
      const sum = `${repositories} repositories: ${tags} tags, ${manifests} manifests recorded`;
      const left = faults > 0 ? `; ${faults} could not be (standard error)` : '';
      say(json ? JSON.stringify({ total }) : `${sum}${left}`);
      return faults > 0 ? INCOMPLETE_EXIT : 0;
    },
  };
}

async function run(
  { after, from, layout, json }: ImportArguments,
  signal: AbortSignal,
): Promise<number> {
  const config = readImportConfig();
  const backend = { url: config.backend.url, ...(await readLogin(config.backend.login)) };
  const { requestsPerSecond } = config;
  const catalog = createOciRegistryCatalog({ ...backend, requestsPerSecond });
  const overHttp = createCatalogInventorySource({ catalog, registry: createOciRegistry(backend) });
  const isOci = (layout ?? config.layout) === 'oci';
  const onDisk = isOci ? createOciLayoutSource : createDistributionLayoutSource;
  const folder = from ?? config.storageDir;
  const source = folder === null ? overHttp : onDisk(folder);
  const stores = createPostgresRegistryStores({ connectionString: config.databaseUrl });
  const deps = { catalog, source, inventory: stores.inventory, now: () => new Date() };
  const { tell, end } = createTeller(json);
  try {
    await importInventory(deps, signal, after === null ? {} : { after }, tell);
    return end();
  } finally {
    await stores.close();
  }
}

function fail(error: unknown, json: boolean): number {
  if (!(error instanceof ReleaseError)) {
    process.stderr.write(`import-inventory: ${failureReason(error)}\n`);
    return 1;
  }
  process.stderr.write(formatError(error, json, createPaint(false)));
  return ERRORS[error.code].exit;
}

/** Run once where a registry is older than its gateway (docs/gc-inventory.md). */
async function main(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop.abort(new Error(`ended by ${signal}: go on with --after and the last repository above`));
    });
  }
  try {
    const known = readImportArguments(args);
    if (!known.help) return await run(known, stop.signal);
    process.stdout.write(IMPORT_USAGE);
    return 0;
  } catch (error) {
    const code = fail(error, args.includes('--json'));
    return stop.signal.aborted ? INTERRUPTED_EXIT : code;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
