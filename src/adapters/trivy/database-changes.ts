import type { PackageKey } from '../../domain/advisories/component';
import { RED_HAT } from '../../domain/advisories/distributions';
import { bucketIn, type BoltFile } from './bolt/bolt-file';
import { bucketOf, type BucketRef, type Entry } from './bolt/page';
import { readFeeds, type Feed } from './feeds';
import { vulnerabilityValue } from './schema';
import { readValue } from './values';

/** Entries of both databases with one key; null where one lacks it. */
interface Pair {
  readonly before: Entry | null;
  readonly after: Entry | null;
}

const NOTHING: BucketRef = { inline: [] };

/** Entries of one bucket, one by one, with the next one ready to be looked at. */
class Cursor {
  private readonly pages: AsyncGenerator<readonly Entry[], void>;
  private entries: readonly Entry[] = [];
  private index = 0;

  constructor(bolt: BoltFile, bucket: BucketRef) {
    this.pages = bolt.walk(bucket);
  }

  /** True while `peek` and `take` have an entry; reads on when the page is at its end. */
  async fill(): Promise<boolean> {
    while (this.index >= this.entries.length) {
      const next = await this.pages.next();
      if (next.done) {
        return false;
      }
      this.entries = next.value;
      this.index = 0;
    }
    return true;
  }

  peek(): Entry | null {
    return this.entries[this.index] ?? null;
  }

  take(): Entry | null {
    const entry = this.peek();
    this.index += 1;
    return entry;
  }
}

function order(before: Entry | null, after: Entry | null): number {
  if (!before || !after) {
    return before ? -1 : 1;
  }
  return before.key.compare(after.key);
}

/** Both buckets walked side by side. Numbers of pages tell nothing across files, so keys are compared. */
async function* merge(
  before: readonly [BoltFile, BucketRef],
  after: readonly [BoltFile, BucketRef],
): AsyncGenerator<Pair, void> {
  const left = new Cursor(...before);
  const right = new Cursor(...after);
  for (;;) {
    const [hasLeft, hasRight] = [await left.fill(), await right.fill()];
    if (!hasLeft && !hasRight) {
      return;
    }
    const which = order(left.peek(), right.peek());
    yield {
      before: which <= 0 ? left.take() : null,
      after: which >= 0 ? right.take() : null,
    };
  }
}

async function bucketOrNothing(bolt: BoltFile, ...names: readonly string[]): Promise<BucketRef> {
  let bucket: BucketRef | null = bolt.root;
  for (const name of names) {
    bucket = bucket && (await bucketIn(bolt, bucket, name));
  }
  return bucket ?? NOTHING;
}

const isSame = ({ before, after }: Pair): boolean =>
  before !== null && after !== null && before.value.equals(after.value);

function ratings(entry: Entry | null): string {
  if (!entry) {
    return '';
  }
  const { Severity, VendorSeverity } = readValue(entry, vulnerabilityValue);
  const vendors = Object.entries(VendorSeverity ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([Severity ?? '', vendors]);
}

/** Vulnerabilities that their sources rate otherwise now: most changes are of descriptions. */
async function rerated(before: BoltFile, after: BoltFile): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  const name = 'vulnerability';
  const buckets = [await bucketOrNothing(before, name), await bucketOrNothing(after, name)] as const;
  for await (const pair of merge([before, buckets[0]], [after, buckets[1]])) {
    if (!isSame(pair) && ratings(pair.before) !== ratings(pair.after)) {
      ids.add((pair.after ?? pair.before)?.key.toString('utf8') ?? '');
    }
  }
  return ids;
}

async function isSameBucket(
  before: BoltFile,
  after: BoltFile,
  ...names: readonly string[]
): Promise<boolean> {
  const left = await bucketOrNothing(before, ...names);
  const right = await bucketOrNothing(after, ...names);
  for await (const pair of merge([before, left], [after, right])) {
    if (!isSame(pair)) {
      return false;
    }
  }
  return true;
}

/** Feeds whose every package is looked at anew: another data source rates them, or products are others. */
async function changedFeeds(
  before: BoltFile,
  after: BoltFile,
): Promise<(feed: string) => boolean> {
  const names = new Set<string>();
  const sources = 'data-source';
  const left = await bucketOrNothing(before, sources);
  const right = await bucketOrNothing(after, sources);
  for await (const pair of merge([before, left], [after, right])) {
    if (!isSame(pair)) {
      names.add((pair.after ?? pair.before)?.key.toString('utf8') ?? '');
    }
  }
  const products =
    (await isSameBucket(before, after, 'Red Hat CPE', 'repository')) &&
    (await isSameBucket(before, after, 'Red Hat CPE', 'nvr'));
  return (feed) => names.has(feed) || (!products && feed === RED_HAT.prefix);
}

const bucketOfEntry = (entry: Entry | null): BucketRef =>
  entry?.isBucket ? bucketOf(entry) : NOTHING;

/** Whether any advisory of a package is another or rated otherwise. */
async function isChanged(
  pair: Pair,
  before: BoltFile,
  after: BoltFile,
  ids: ReadonlySet<string>,
): Promise<boolean> {
  if (!pair.before || !pair.after) {
    return true;
  }
  const advisories = merge(
    [before, bucketOfEntry(pair.before)],
    [after, bucketOfEntry(pair.after)],
  );
  for await (const one of advisories) {
    if (!isSame(one) || ids.has(one.after?.key.toString('utf8') ?? '')) {
      return true;
    }
  }
  return false;
}

interface FeedPair {
  readonly space: string;
  readonly name: string;
  readonly before: BucketRef;
  readonly after: BucketRef;
}

async function feedPairs(before: BoltFile | null, after: BoltFile): Promise<readonly FeedPair[]> {
  const old = before ? await readFeeds(before) : [];
  const now = await readFeeds(after);
  const bucketNamed = (feeds: readonly Feed[], name: string): BucketRef =>
    feeds.find((feed) => feed.name === name)?.bucket ?? NOTHING;
  const names = new Map([...old, ...now].map(({ name, space }) => [name, space]));
  return Array.from(names, ([name, space]) => ({
    name,
    space,
    before: bucketNamed(old, name),
    after: bucketNamed(now, name),
  }));
}

/** Packages whose advisories or severities are others than before; all of them when there is no before. Each once. */
export async function* changedPackages(
  before: BoltFile | null,
  after: BoltFile,
): AsyncGenerator<PackageKey, void> {
  const ids = before ? await rerated(before, after) : new Set<string>();
  const isFeedChanged = before ? await changedFeeds(before, after) : () => true;
  const told = new Set<string>();
  for (const { space, name: feed, ...buckets } of await feedPairs(before, after)) {
    const all = isFeedChanged(feed);
    const pairs = merge([before ?? after, buckets.before], [after, buckets.after]);
    for await (const pair of pairs) {
      const name = (pair.after ?? pair.before)?.key.toString('utf8') ?? '';
      const key = `${space}\n${name}`;
      if (told.has(key) || !(all || (await isChanged(pair, before ?? after, after, ids)))) {
        continue;
      }
      told.add(key);
      yield { space, name };
    }
  }
}
