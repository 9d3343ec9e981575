import type { Transaction } from './database';

/** One writer at a time: rows that several SBOMs share are written in no common order, and what is unused goes while others come. */
export async function lockComponents(sql: Transaction): Promise<void> {
  await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('component-index', 0))`);
}
