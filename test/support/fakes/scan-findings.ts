import { isDigest } from '../../../src/domain/digest';
import { MAX_LISTED } from '../../../src/domain/scan-gate';
import type { RecordedVerdict } from '../../../src/domain/evidence-record';
import type { MatchPage, ScanFindings, ScanMatch } from '../../../src/ports/scan-findings';
import { withCallFaults, type CallFaults } from './call-faults';
import type { FakeContents } from './inventory-contents';
import type { FakeLedger } from './ledger';

export type FakeScanFindings = ScanFindings & CallFaults;

interface Parts {
  readonly ledger: FakeLedger;
  /** Tags. */
  readonly contents: FakeContents;
  /** Those whose channels it looks at. */
  readonly services: readonly string[];
}

function linesOf({ verdict: { evidence } }: RecordedVerdict, name: string): readonly string[] {
  const lines: unknown =
    typeof evidence === 'object' && evidence !== null ? Reflect.get(evidence, name) : undefined;
  return Array.isArray(lines) ? lines.map(String) : [];
}

const nameOf = ({ digest, svc }: Pick<ScanMatch, 'digest' | 'svc'>): string => `${digest} ${svc}`;

/** The newest scans of a fake ledger. */
export function createFakeScanFindings({ ledger, contents, services }: Parts): FakeScanFindings {
  function newest(page: MatchPage): readonly (ScanMatch & { readonly cutOff: boolean })[] {
    const byName = new Map<string, ScanMatch & { readonly cutOff: boolean }>();
    for (const one of ledger.verdicts) {
      const { verdict, releaseId, at } = one;
      if (verdict.gate !== 'scan' || !isDigest(verdict.subject)) continue;
      const svc = releaseId.split('/')[0] ?? '';
      const lists = ['refused', 'excepted'].map((name) => linesOf(one, name));
      const ids = lists.flat().map((line) => line.split(' ')[0] ?? '');
      const match = { digest: verdict.subject, svc, releaseId, scannedAt: at };
      byName.set(nameOf(match), {
        ...match,
        outcome: verdict.outcome,
        advisories: [...new Set(ids)].sort(),
        listed: true,
        cutOff: lists.some((lines) => lines.length >= MAX_LISTED),
      });
    }
    const after = page.after === null ? '' : nameOf(page.after);
    return [...byName.values()]
      .filter((one) => nameOf(one) > after)
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  const strip = ({ cutOff: _, ...match }: ScanMatch & { readonly cutOff: boolean }): ScanMatch =>
    match;

  return withCallFaults<ScanFindings>({
    withAdvisory: (id, page) =>
      Promise.resolve(
        newest(page)
          .map((one) => ({ ...one, listed: one.advisories.includes(id) }))
          .filter(({ listed, cutOff }) => listed || cutOff)
          .slice(0, page.limit)
          .map(strip),
      ),
    failing: async (page) => {
      const channels = await Promise.all(services.map((svc) => ledger.listChannels(svc)));
      const kept = new Set<string | null>(channels.flat().map(({ digest }) => digest));
      for (const { repository } of contents.taken()) {
        for (const { digest } of contents.tagsIn(repository)) kept.add(digest);
      }
      return newest(page)
        .filter(({ outcome, digest }) => outcome === 'fail' && kept.has(digest))
        .slice(0, page.limit)
        .map(strip);
    },
  });
}
