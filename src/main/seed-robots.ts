import { createPostgresRegistryStores } from '../adapters/postgres/registry-stores';
import { readSeedRobotsConfig, type SeedRobotsConfig } from '../config/seed-robots';
import { PRODUCT_ROBOTS, seedRobots } from '../local/seed/robots';
import { giveAdmissionItsSecret, robotsDir } from '../local/stack/robots';

/** Makes the robots of the product itself in an installation; safe to repeat. */
async function seed({ stateDir, databaseUrl }: SeedRobotsConfig): Promise<void> {
  const stores = createPostgresRegistryStores({ connectionString: databaseUrl });
  try {
    const dir = robotsDir(stateDir);
    await seedRobots({ ...stores, dir, wanted: PRODUCT_ROBOTS, now: () => new Date() });
    await giveAdmissionItsSecret(stateDir);
  } finally {
    await stores.close();
  }
}

seed(readSeedRobotsConfig()).catch((error: unknown) => {
  process.stderr.write(`seed-robots: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
