import { ReleaseError } from '../contract/errors';

/** The ledger's connection string. @throws ReleaseError INVALID_INPUT when PLURA_DATABASE_URL is not set. */
export function readDatabaseUrl(environment: NodeJS.ProcessEnv = process.env): string {
  const url = environment['PLURA_DATABASE_URL'];
  if (!url || !/^postgres(ql)?:\/\//.test(url)) {
    throw new ReleaseError('INVALID_INPUT', 'PLURA_DATABASE_URL is not a Postgres address', {
      details: {
        field: 'PLURA_DATABASE_URL',
        remedy: 'set it to postgres://user:password@host:5432/database',
      },
    });
  }
  return url;
}
