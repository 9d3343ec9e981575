import type { GcItemFacts, InventoryFacts } from '../../../src/ports/gc-item-facts';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeInventory } from './inventory';

export type FakeGcItemFacts = GcItemFacts & CallFaults;

const ms = (time: string | null): number | null => (time === null ? null : Date.parse(time));
const LINK_TAG = /^sha256-([0-9a-f]{64})(?:\.(?:sig|att|sbom))?$/;

/** By the fake inventory. */
export function createFakeGcItemFacts({ contents }: FakeInventory): FakeGcItemFacts {
  return withCallFaults<GcItemFacts>({
    read: ({ repository, digest, tag }) => {
      const held = [...contents.manifests.values()].filter(
        ({ record }) => record.repository === repository,
      );
      const self = held.find(({ record }) => record.digest === digest);
      const tags = contents.tagsIn(repository);
      const named = tags.find((one) => one.tag === tag);
      const pointing = tags.filter((one) => one.digest === digest);
      const children = (self?.record.edges ?? [])
        .filter(({ kind }) => kind === 'child')
        .map((edge) => edge.digest);
      const linked = pointing
        .filter((one) => tag === null || one.tag === tag)
        .flatMap((one) => LINK_TAG.exec(one.tag)?.[1] ?? []);
      const own = tag === null ? self?.record.subject : null;
      const subjects = [own, ...linked.map((hex) => `sha256:${hex}`)].filter(
        (one) => tag !== null || !children.some((child) => child === one),
      );
      const facts: InventoryFacts = {
        tag: named
          ? {
              digest: named.digest,
              pushedAtMs: ms(named.pushedAt),
              lastPulledAtMs: ms(named.lastPulledAt),
            }
          : null,
        manifest: self
          ? {
              pushedAtMs: ms(self.pushedAt),
              lastPulledAtMs: ms(self.pulledAt),
              pending: self.pending,
            }
          : null,
        tags: pointing.map((one) => one.tag).filter((one) => one !== tag),
        parents: held
          .filter(({ record }) =>
            record.edges.some((edge) => edge.kind === 'child' && edge.digest === digest),
          )
          .map(({ record }) => record.digest),
        children,
        subjects: held.map(({ record }) => record.digest).filter((one) => subjects.includes(one)),
        referrers: [
          ...held
            .filter(({ record }) => record.subject === digest)
            .map(({ record, pushedAt }) => ({ digest: record.digest, pushedAt })),
          ...tags.filter((one) => LINK_TAG.exec(one.tag)?.[1] === digest.slice('sha256:'.length)),
        ].map((one) => ({
          digest: one.digest,
          pushedAtMs: ms(one.pushedAt),
          taggedAtMs: tags
            .filter((held) => held.digest === one.digest && !LINK_TAG.test(held.tag))
            .reduce<number | null>(
              (newest, held) => Math.max(newest ?? 0, Date.parse(held.pushedAt)),
              null,
            ),
        })),
      };
      return Promise.resolve(facts);
    },
  });
}
