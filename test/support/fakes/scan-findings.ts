import { isDigest } from '../../../src/domain/digest';
import { asText, at } from '../../../src/domain/provenance';
import { MAX_LISTED } from '../../../src/domain/scan/covered';
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

interface Newest {
  readonly match: ScanMatch;
  readonly cutOff: boolean;
}

function linesOf({ verdict: { evidence } }: RecordedVerdict, name: string): readonly string[] {
  const lines: unknown =
    typeof evidence === 'object' && evidence !== null ? Reflect.get(evidence, name) : undefined;
  return Array.isArray(lines) ? lines.map(String) : [];
}

function databaseAtOf({ verdict: { evidence } }: RecordedVerdict): string | null {
  return asText(at(evidence, 'database', 'updatedAt')) || null;
}

function hasAdvisory({ advisories }: ScanMatch, id: string): boolean {
  return advisories.some((one) => one.toLowerCase() === id.toLowerCase());
}

const nameOf = ({ digest, svc }: Pick<ScanMatch, 'digest' | 'svc'>): string => `${digest} ${svc}`;

/** The newest scans of a fake ledger. */
export function createFakeScanFindings({ ledger, contents, services }: Parts): FakeScanFindings {
  function newest(page: MatchPage): readonly Newest[] {
    const byName = new Map<string, Newest>();
    for (const one of ledger.verdicts) {
      const { verdict, releaseId, at: scannedAt } = one;
      if (verdict.gate !== 'scan' || !isDigest(verdict.subject)) continue;
      if (verdict.outcome !== 'pass' && verdict.outcome !== 'fail') continue;
      const svc = releaseId.split('/')[0] ?? '';
      const lists = ['refused', 'excepted'].map((name) => linesOf(one, name));
      const ids = lists.flat().map((line) => line.split(' ')[0] ?? '');
      const about = { digest: verdict.subject, svc, releaseId, scannedAt };
      const advisories = [...new Set(ids)].sort();
      const databaseAt = databaseAtOf(one);
      const match = { ...about, outcome: verdict.outcome, databaseAt, advisories, listed: true };
      const cutOff = lists.some((one) => one.length >= MAX_LISTED);
      byName.set(nameOf(match), { match, cutOff });
    }
    const after = page.after === null ? '' : nameOf(page.after);
    return [...byName.values()]
      .filter(({ match }) => nameOf(match) > after)
      .sort((a, b) => (nameOf(a.match) < nameOf(b.match) ? -1 : 1));
  }

  return withCallFaults<ScanFindings>({
    withAdvisory: (id, page) =>
      Promise.resolve(
        newest(page)
          .filter(({ match, cutOff }) => cutOff || hasAdvisory(match, id))
          .slice(0, page.limit)
          .map(({ match }) => ({ ...match, listed: hasAdvisory(match, id) })),
      ),
    failing: async (page) => {
      const channels = await Promise.all(services.map((svc) => ledger.listChannels(svc)));
      const kept = new Set<string | null>(channels.flat().map(({ digest }) => digest));
      for (const { repository } of contents.taken()) {
        for (const { digest } of contents.tagsIn(repository)) kept.add(digest);
      }
      return newest(page)
        .map(({ match }) => match)
        .filter(({ outcome, digest }) => outcome === 'fail' && kept.has(digest))
        .slice(0, page.limit);
    },
  });
}
