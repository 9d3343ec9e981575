import type { Advisory } from '../../domain/advisories/advisory';
import type { Component } from '../../domain/advisories/component';
import { RED_HAT } from '../../domain/advisories/distributions';
import { chooseSeverity, type VulnerabilityRatings } from '../../domain/advisories/severity';
import { advisoriesOfRecord, type RawAdvisory } from './advisories';
import { bucketIn, type BoltFile } from './bolt/bolt-file';
import type { BucketRef, Entry } from './bolt/page';
import { readFeeds, type Feed } from './feeds';
import { advisoryValue, dataSourceValue, productIndices, vulnerabilityValue } from './schema';
import { readValue } from './values';

/** A feed with the source that rates its advisories. */
interface RatedFeed extends Feed {
  readonly rater: string;
}

export interface AdvisoryReader {
  advisoriesOf(
    component: Pick<Component, 'space' | 'name' | 'products'>,
  ): Promise<readonly Advisory[]>;
}

async function raterOf(bolt: BoltFile, feed: string): Promise<string> {
  const sources = await bucketIn(bolt, bolt.root, 'data-source');
  const entry = sources && (await bolt.get(sources, Buffer.from(feed)));
  const { ID = '', BaseID = '' } = entry ? readValue(entry, dataSourceValue) : {};
  return BaseID || ID;
}

async function entriesOf(bolt: BoltFile, bucket: BucketRef): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for await (const entries of bolt.walk(bucket)) {
    found.push(...entries.filter(({ isBucket, value }) => !isBucket && value.length > 0));
  }
  return found;
}

/** What Red Hat's feed counts content sets and builds by. */
async function productsOf(bolt: BoltFile, names: readonly string[]): Promise<ReadonlySet<number>> {
  const indices = new Set<number>();
  const root = names.length > 0 ? await bucketIn(bolt, bolt.root, 'Red Hat CPE') : null;
  for (const kind of root ? ['repository', 'nvr'] : []) {
    const bucket = root && (await bucketIn(bolt, root, kind));
    for (const name of bucket ? names : []) {
      const entry = bucket && (await bolt.get(bucket, Buffer.from(name)));
      const known = entry ? readValue(entry, productIndices) : [];
      known.forEach((index) => indices.add(index));
    }
  }
  return indices;
}

/** Gives an advisory the severity that the scanner would. */
function createRater(
  bolt: BoltFile,
  vulnerabilities: BucketRef | null,
): (one: RawAdvisory, rater: string) => Promise<Advisory> {
  async function ratingsOf(id: string): Promise<VulnerabilityRatings | null> {
    const entry = vulnerabilities && (await bolt.get(vulnerabilities, Buffer.from(id)));
    if (!entry) {
      return null;
    }
    const { Severity = '', VendorSeverity } = readValue(entry, vulnerabilityValue);
    return { severity: Severity, byVendor: VendorSeverity ?? {} };
  }

  return async (one, rater) => ({
    ...one,
    severity: one.severity ?? chooseSeverity(one.id, await ratingsOf(one.id), rater),
  });
}

/** @throws ReleaseError SCANNER_UNAVAILABLE */
export async function createAdvisoryReader(bolt: BoltFile): Promise<AdvisoryReader> {
  const feeds = await Promise.all(
    (await readFeeds(bolt)).map(async (feed): Promise<RatedFeed> => ({
      ...feed,
      rater: await raterOf(bolt, feed.name),
    })),
  );
  const rate = createRater(bolt, await bucketIn(bolt, bolt.root, 'vulnerability'));
  return {
    advisoriesOf: async ({ space, name, products }) => {
      const indices =
        space === RED_HAT.prefix ? await productsOf(bolt, products) : new Set<number>();
      const found: Advisory[] = [];
      for (const { name: source, rater, bucket } of feeds.filter((feed) => feed.space === space)) {
        const own = await bucketIn(bolt, bucket, name);
        for (const entry of own ? await entriesOf(bolt, own) : []) {
          const value = readValue(entry, advisoryValue);
          const record = { id: entry.key.toString('utf8'), space, name, source, value };
          for (const one of advisoriesOfRecord(record, indices)) {
            found.push(await rate(one, rater));
          }
        }
      }
      return found;
    },
  };
}
