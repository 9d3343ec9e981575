import type { InventorySink } from '../../../src/domain/gc/inventory';
import type { InventorySource } from '../../../src/ports/inventory-source';
import { makeStore, USUAL_SHAPE, type Store } from '../../bench/gc-store';
import { recordingSink } from '../recording-sink';

const NOW = Date.parse('2026-11-30T08:00:00Z');
const FIVE_REPOSITORIES = 160;

export interface SourceUnderTest {
  /** Over a store that was written as the source finds it. */
  readonly open: (store: Store) => Promise<InventorySource>;
  /** What this form of a store holds of times. */
  readonly knows: { readonly tagTimes: boolean; readonly pulls: boolean };
}

export function smallStore(): Store {
  const shape = { ...USUAL_SHAPE, imagesPerRepository: 10 };
  return makeStore({ ...shape, manifests: FIVE_REPOSITORIES, nowMs: NOW });
}

/** Tells what the store was made of. */
export function tellStore(
  { records }: Store,
  sink: InventorySink,
  knows: SourceUnderTest['knows'],
): void {
  for (const record of records) {
    const { repository } = record;
    if (record.kind === 'blob') {
      const { digest, size } = record.blob.edge;
      sink.blob({ repository, digest, size });
      continue;
    }
    const { digest, mediaType, artifactType, subject, bytes, edges } = record.manifest;
    const lastPulledAtMs = knows.pulls ? record.lastPulledAtMs : null;
    if (record.kind === 'tag') {
      const pushedAtMs = knows.tagTimes ? record.pushedAtMs : null;
      sink.tag({ repository, tag: record.tag, digest, pushedAtMs, lastPulledAtMs });
      continue;
    }
    const times = { pushedAtMs: record.pushedAtMs, lastPulledAtMs, pending: false };
    const size = bytes.length;
    sink.manifest({ repository, digest, mediaType, artifactType, size, subject, ...times });
    for (const edge of edges) {
      const { kind, digest: child, size: edgeSize } = edge;
      sink.edge({ repository, parent: digest, kind, child, size: edgeSize });
    }
  }
}

/** What every InventorySource does that sees all of a registry. */
export function describeInventorySource(name: string, { open, knows }: SourceUnderTest): void {
  describe(`${name} keeps the contract of InventorySource`, () => {
    const never = new AbortController().signal;
    let source: InventorySource;

    beforeAll(async () => {
      source = await open(smallStore());
    }, 60_000);

    it('tells all that the store holds, and nothing else', async () => {
      const expected = recordingSink();
      tellStore(smallStore(), expected, knows);
      const told = recordingSink();

      const facts = await source.read(told, never);

      expect(told.gaps).toEqual([]);
      expect(told.lines()).toEqual(expected.lines());
      const countOf = (kind: string): number =>
        told.lines().filter((line) => line.startsWith(`${kind} `)).length;
      expect(facts.counts).toEqual({
        repositories: new Set(told.lines().map((line) => /"repository":"([^"]+)"/.exec(line)?.[1]))
          .size,
        manifests: countOf('manifest'),
        edges: countOf('edge'),
        tags: countOf('tag'),
        blobs: countOf('blob'),
        unknown: 0,
      });
      expect(Math.abs(facts.readAtMs - Date.now())).toBeLessThan(60_000);
    });

    it('ends when it is told to', async () => {
      const stop = new AbortController();
      const sink = {
        ...recordingSink(),
        manifest: () => {
          stop.abort(new Error('enough'));
        },
      };

      await expect(source.read(sink, stop.signal)).rejects.toThrow('enough');
    });

    it('does not begin when it is told to end', async () => {
      const told = recordingSink();

      await expect(source.read(told, AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
      expect(told.lines()).toEqual([]);
    });
  });
}

/** What those do as well that go repository by repository. */
export function describeStepwise(name: string, open: SourceUnderTest['open']): void {
  it(`${name} goes on after a checkpoint`, async () => {
    const never = new AbortController().signal;
    const source = await open(smallStore());
    const whole = recordingSink();
    const parts = recordingSink();
    const done: string[] = [];
    const stop = new AbortController();

    await source.read(whole, never);
    await source
      .read(parts, stop.signal, {
        onRepository: (repository) => {
          done.push(repository);
          stop.abort(new Error('killed'));
        },
      })
      .catch(() => undefined);
    const after = done.at(-1);
    await source.read(parts, never, { ...(after !== undefined && { after }) });

    expect(after).toBeDefined();
    expect(parts.lines()).toEqual(whole.lines());
  });
}
