import { createPostgresRegistryStores } from '../../adapters/postgres/registry-stores';
import { DEMO_ROBOT, PRODUCT_ROBOTS, seedRobots } from '../seed/robots';
import type { StackContext } from './context';
import { databaseUrl } from './postgres';
import { robotsDir } from './robots';

/** The robots of the product and the one for people; their secrets live as long as the state folder. */
export async function prepareRobots(context: StackContext): Promise<void> {
  const stores = createPostgresRegistryStores({ connectionString: databaseUrl(context) });
  const wanted = [...PRODUCT_ROBOTS, DEMO_ROBOT];
  try {
    await seedRobots({
      ...stores,
      dir: robotsDir(context.stateDir),
      wanted,
      now: () => new Date(),
    });
  } finally {
    await stores.close();
  }
}
