import { judgeDue } from '../src/domain/rescan';
import type { KeptCursor, KeptScan } from '../src/ports/rescans';
import type { ScanDatabase } from '../src/ports/scanner';
import type { RescanDeps, RescanSliceInput } from './rescan';

/** Before the first of all: no service sorts before it. */
const BEGINNING: KeptCursor = {
  svc: '',
  digest: `sha256:${'0'.repeat(64)}`,
  scannedAt: null,
  rest: true,
};

/** For the ledger. */
export function cursorOf(after: KeptCursor | null): KeptCursor | null {
  return after?.svc === BEGINNING.svc ? null : after;
}

/** What is touched has had its turn; of what was asked for there is but one. */
export function isOfRest({ target, after }: RescanSliceInput): boolean {
  return target !== null || after?.rest === true;
}

/** What is touched comes first, whenever it was scanned; then the rest, longest unscanned first. */
export function nextOf(input: RescanSliceInput, images: readonly KeptScan[]): KeptCursor | null {
  const last = images.length === input.settings.sliceSize ? images.at(-1) : undefined;
  const rest = isOfRest(input);
  if (last) {
    const { svc, digest, scan } = last;
    return { svc, digest, scannedAt: scan?.at ?? null, ...(rest && { rest: true }) };
  }
  return rest ? null : BEGINNING;
}

/** An index that was matched with another database does not know what this one would find. */
export async function dueOf(
  { advisoryMatches }: RescanDeps,
  images: readonly KeptScan[],
  input: RescanSliceInput,
  database: ScanDatabase,
  nowMs: number,
): Promise<readonly KeptScan[]> {
  const { settings, target } = input;
  if (target) return images;
  // Had their turn: those that could not be scanned then are told.
  const ofTurn = isOfRest(input) ? images.filter(({ touched }) => touched !== true) : images;
  const isMatched = (await advisoryMatches.matchedWith())?.digest === database.digest;
  const by = { database: database.digest, maxAgeMs: settings.maxAgeMs, nowMs };
  return ofTurn.filter(
    ({ touched, ...one }) =>
      judgeDue({ ...one, ...by, touched: isMatched ? touched : null }) !== null,
  );
}
