import { ReleaseError } from '../../contract/errors';

/** SQLSTATE classes and codes (PostgreSQL manual, appendix A) that say nothing about the question asked. */
const UNAVAILABLE = [
  /^08/, // connection exception
  /^28/, // invalid authorization
  /^3D/, // no such database
  /^40/, // serialization failure, deadlock
  /^53/, // out of connections, disk, memory
  /^57/, // shutdown, crash, statement time-out
  /^58/, // I/O error
  /^55P03$/, // lock time-out
  /^25P03$/, // idle in transaction too long
  /^25006$/, // read-only: a standby after a failover
];
const INVALID = [/^22/, /^23514$/];
const SCHEMA_MISSING = /^42(P01|703|704)$/;

const DOWN_REMEDY = 'check that Postgres runs and that its address and password are right';

function sqlState(error: unknown): string | null {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
  }
  return null;
}

/** True when the connection can't be used any more: everything but an answer of the server, and its farewells. */
export function connectionIsLost(error: unknown): boolean {
  if (error === undefined || error instanceof ReleaseError) {
    return false;
  }
  const state = sqlState(error);
  return state === null || /^(08|57P0|25P03)/.test(state);
}

/** The one mapper of this adapter: what pg throws, as the ledger's errors. */
export function toReleaseError(error: unknown): ReleaseError {
  const state = sqlState(error);
  const why = error instanceof Error ? error.message || error.name : String(error);
  if (state === null || UNAVAILABLE.some((pattern) => pattern.test(state))) {
    return new ReleaseError('LEDGER_UNAVAILABLE', `The ledger did not answer: ${why}`, {
      cause: error,
      details: { remedy: DOWN_REMEDY },
    });
  }
  if (SCHEMA_MISSING.test(state)) {
    return new ReleaseError('LEDGER_UNAVAILABLE', `The ledger's schema is missing: ${why}`, {
      cause: error,
      details: { remedy: 'run the migrations: plura-migrate (src/main/migrate.ts)' },
    });
  }
  if (INVALID.some((pattern) => pattern.test(state))) {
    return new ReleaseError('INVALID_INPUT', `The ledger refused a value: ${why}`, {
      cause: error,
    });
  }
  return new ReleaseError('INTERNAL', `The ledger failed: ${why}`, { cause: error });
}
