import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';

/** The ledger's connection string. @throws ReleaseError INVALID_INPUT that names the variable. */
export function readDatabaseUrl(environment: NodeJS.ProcessEnv = process.env): string {
  const schema = z.object({ PLURA_DATABASE_URL: ENVIRONMENT.PLURA_DATABASE_URL });
  return readEnvironment(schema, environment).PLURA_DATABASE_URL;
}
