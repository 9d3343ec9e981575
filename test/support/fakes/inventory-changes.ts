import type { Digest } from '../../../src/domain/digest';
import type { Inventory, ManifestChange, PushRecord } from '../../../src/ports/inventory';
import type { FakeContents } from './inventory-contents';

export interface FakePush {
  readonly push: PushRecord;
  readonly begunAt: number;
  readonly done: boolean;
}

type Found = readonly [ManifestChange['kind'], string, string | null];

/** What concerns a manifest: itself, what refers to it and what names it, pushes under way included. */
function concerned(contents: FakeContents, repository: string, digest: Digest): readonly Found[] {
  return [...contents.manifests.values()]
    .filter(({ record }) => record.repository === repository)
    .flatMap(({ record, pushedAt, pulledAt }): readonly Found[] => {
      const self = record.digest === digest;
      const names = record.edges.some((one) => one.kind === 'child' && one.digest === digest);
      return [
        ...(self ? ([['pushed', digest, pushedAt]] as const) : []),
        ...(self ? ([['pulled', digest, pulledAt]] as const) : []),
        ...(record.subject === digest ? ([['referrer', record.digest, pushedAt]] as const) : []),
        ...(names ? ([['parent', record.digest, pushedAt]] as const) : []),
      ];
    });
}

export function createFakeChanges(
  contents: FakeContents,
  pushes: () => readonly FakePush[],
  settled: (keys: readonly string[]) => Promise<void>,
): Pick<Inventory, 'recordCheck' | 'listChanges'> {
  return {
    recordCheck: async ({ repository, tag, digest, at }, after) => {
      await settled(after);
      const held = contents.tags.get(`${repository}:${tag ?? ''}`);
      if (held?.digest === digest) {
        contents.tags.set(`${repository}:${held.tag}`, { ...held, lastPulledAt: at });
      }
      return contents.pulled(repository, digest, at);
    },
    listChanges: (repository, digest, since) => {
      const about = concerned(contents, repository, digest);
      const tags = contents
        .tagsIn(repository)
        .filter((one) => one.digest === digest)
        .flatMap((one): readonly Found[] => [
          ['tag', one.tag, one.pushedAt],
          ['pulled', one.tag, one.lastPulledAt],
        ]);
      const links = ['', '.sig', '.att', '.sbom'].map(
        (suffix) => `${digest.replace(':', '-')}${suffix}`,
      );
      const linked = contents
        .tagsIn(repository)
        .filter((one) => links.includes(one.tag))
        .map((one): Found => ['referrer', one.digest, one.pushedAt]);
      const around = new Set([digest, ...[...about, ...linked].map(([, name]) => name)]);
      const open = pushes()
        .filter(({ push, done }) => !done && push.repository === repository)
        .filter(({ push }) => around.has(push.digest) || links.includes(push.tag ?? ''))
        .map(({ push, begunAt }): ManifestChange => {
          const at = new Date(begunAt).toISOString();
          return { kind: 'pushing', name: push.tag ?? push.digest, at };
        });
      const found = [...about, ...linked, ...tags].flatMap(
        ([kind, name, at]): readonly ManifestChange[] =>
          at !== null && at >= since ? [{ kind, name, at }] : [],
      );
      const newest = new Map<string, ManifestChange>();
      for (const change of [...open, ...found]) {
        const known = newest.get(change.kind);
        if (!known || known.at < change.at) newest.set(change.kind, change);
      }
      return Promise.resolve([...newest.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1)));
    },
  };
}
