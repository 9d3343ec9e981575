import { migrate } from '../adapters/postgres/migrate';
import { readDatabaseUrl } from '../config/migrate';
import { ReleaseError } from '../contract/errors';

async function main(): Promise<void> {
  const applied = await migrate(readDatabaseUrl());
  const what = applied.length === 0 ? 'nothing to do' : applied.join(', ');
  process.stdout.write(`migrate: ${what}\n`);
}

main().catch((error: unknown) => {
  const remedy = error instanceof ReleaseError ? error.details['remedy'] : undefined;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`migrate: ${text}${typeof remedy === 'string' ? ` (${remedy})` : ''}\n`);
  process.exitCode = 1;
});
