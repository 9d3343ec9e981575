import { createHash } from 'node:crypto';
import { ReleaseError } from '../src/contract/errors';
import { matchComponent } from '../src/domain/advisories/match';
import type { Advisory } from '../src/domain/advisories/advisory';
import { distrustDatabase } from '../src/domain/scan-gate';
import type { AdvisoryDatabase } from '../src/ports/advisory-database';
import type {
  MatchedDatabase,
  MatchedPackage,
  PackageToMatch,
} from '../src/ports/advisory-matches';
import type { AdvisoryWatchDeps, MatchSliceInput, MatchSliceResult } from './advisory-watch';
import { heartbeating } from './heartbeat';

/** Written down together; a package may have thousands of matches. */
const SETTLE_TOGETHER = 100;
/** Another one when the rules of matching change: then all is matched again with the next database. */
const RULES = 'matching 1';

function notBelieved(why: string): ReleaseError {
  return new ReleaseError('SCANNER_UNAVAILABLE', why, {
    details: { remedy: 'bring the vulnerability database of the worker up to date' },
  });
}

/** The database that scans go by. @throws ReleaseError SCANNER_UNAVAILABLE: an empty one would take every match away */
async function openBelieved(
  { scanner, openAdvisoryDatabase, now }: AdvisoryWatchDeps,
  { scan }: MatchSliceInput,
  signal: AbortSignal,
): Promise<AdvisoryDatabase> {
  const described = await scanner.describeDatabase(signal);
  const why = distrustDatabase({ database: described, policy: scan, now: now().toISOString() });
  if (why !== null) throw notBelieved(why);
  const database = await openAdvisoryDatabase();
  if (database.digest === described.digest) return database;
  await database.close();
  throw notBelieved('the vulnerability database was replaced while it was opened');
}

function fingerprint(advisories: readonly Advisory[]): string {
  return createHash('sha256').update(RULES).update(JSON.stringify(advisories)).digest('hex');
}

/** Null: its advisories are those that all of its components were matched with. */
async function matchPackage(
  database: AdvisoryDatabase,
  one: PackageToMatch,
): Promise<MatchedPackage | null> {
  const found = await database.advisoriesOf(one);
  const advisories = fingerprint(found);
  if (advisories === one.advisories) return null;
  const matches = one.components.flatMap((component) =>
    matchComponent(component, found).map(({ id: advisory, severity, fixedVersion }) => ({
      ...{ component: component.id, advisory, severity, fixedVersion },
    })),
  );
  return { id: one.id, advisories, components: one.components.map((part) => part.id), matches };
}

class Settling {
  private waiting: MatchedPackage[] = [];
  readonly counts = { matched: 0, appeared: 0, vanished: 0, changed: 0 };

  private readonly deps: AdvisoryWatchDeps;
  private readonly database: MatchedDatabase;

  constructor(deps: AdvisoryWatchDeps, database: MatchedDatabase) {
    this.deps = deps;
    this.database = database;
  }

  async add(one: MatchedPackage | null): Promise<void> {
    if (one) this.waiting.push(one);
    if (this.waiting.length >= SETTLE_TOGETHER) await this.write();
  }

  async write(): Promise<void> {
    const { advisoryMatches, now } = this.deps;
    const settled = await advisoryMatches.settle(this.database, this.waiting, now().toISOString());
    this.counts.matched += this.waiting.length;
    this.counts.appeared += settled.appeared;
    this.counts.vanished += settled.vanished;
    this.counts.changed += settled.changed;
    this.waiting = [];
  }
}

/**
 * Matches a slice of the index with the scanner's database: all packages when it is another than the last one, else those with
 * components that were never matched. A package whose advisories stayed the same costs no more than reading them.
 */
export async function matchSlice(
  deps: AdvisoryWatchDeps,
  input: MatchSliceInput,
): Promise<MatchSliceResult> {
  return heartbeating(async (signal, note) => {
    const { advisoryMatches, now } = deps;
    const opened = await openBelieved(deps, input, signal);
    try {
      const database = { digest: opened.digest, updatedAt: opened.updatedAt };
      const all = (await advisoryMatches.matchedWith())?.digest !== database.digest;
      // Replaced in the middle of it: from the beginning.
      const after = input.database === database.digest ? input.after : null;
      if (all && after === null) await advisoryMatches.begin(database, now().toISOString());
      const { limit } = input;
      const packages = await advisoryMatches.packages({ unmatched: !all, after, limit });
      const settling = new Settling(deps, database);
      for (const one of packages) {
        signal.throwIfAborted();
        note(`${one.space} ${one.name}`);
        await settling.add(await matchPackage(opened, one));
      }
      await settling.write();
      const next = packages.length === limit ? (packages.at(-1)?.id ?? null) : null;
      if (all && next === null) await advisoryMatches.finish(database, now().toISOString());
      return { database, all, next, looked: packages.length, ...settling.counts };
    } finally {
      await opened.close();
    }
  });
}
