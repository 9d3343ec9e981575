import type { AdvisoryHit } from '../../../../src/domain/advisories/case';
import { foundCases, newsOf } from '../../../../src/domain/advisories/found-cases';
import { A, B } from '../../../support/contracts/ledger-builders';

function hit(over: Partial<AdvisoryHit> = {}): AdvisoryHit {
  return {
    advisory: 'CVE-2026-1',
    severity: 'HIGH',
    svc: 'shop',
    digest: A,
    channels: ['prod:stable'],
    running: [],
    purl: 'pkg:npm/qs@6.5.2',
    fixedVersion: '6.5.3',
    since: null,
    ...over,
  };
}

describe('foundCases', () => {
  it.each<[string, Partial<AdvisoryHit>, boolean]>([
    ['is prod:stable', {}, true],
    ['runs in prod', { channels: [], running: ['prod'] }, true],
    ['waits for prod', { channels: ['prod:candidate'] }, false],
    ['runs in stg', { channels: ['stg:stable'], running: ['stg'] }, false],
  ])('knows whether what %s needs a case', (_what, over, needs) => {
    const found = foundCases([hit(over)]);

    expect(found).toHaveLength(needs ? 1 : 0);
  });

  it('takes along what else the advisory hits', () => {
    const inProd = hit();
    const elsewhere = hit({ svc: 'cart', channels: ['dev:candidate'] });

    expect(foundCases([inProd, elsewhere])).toEqual([
      { advisory: 'CVE-2026-1', hits: [inProd, elsewhere] },
    ]);
  });
});

describe('newsOf', () => {
  const other = hit({ digest: B });
  const found = { advisory: 'CVE-2026-1', hits: [hit(), other] };

  it('is all of it without a case, and nothing when all is known', () => {
    expect(newsOf(found, [], [])).toEqual(found.hits);
    expect(newsOf(found, [other, hit({ purl: 'another' })], [])).toEqual([]);
  });

  it('is no digest that a person called not affected', () => {
    expect(newsOf(found, [], [A])).toEqual([other]);
  });

  it('is what is rated worse than the worst that is known of it, and nothing milder', () => {
    const worse = hit({ severity: 'CRITICAL' });
    const twins = [hit(), hit({ severity: 'CRITICAL', purl: 'another' })];

    expect(newsOf({ ...found, hits: [worse, other] }, found.hits, [])).toEqual([worse]);
    expect(newsOf({ ...found, hits: [worse] }, twins, [])).toEqual([]);
    expect(newsOf(found, [hit({ severity: 'CRITICAL' }), other], [])).toEqual([]);
    expect(newsOf(found, [hit({ severity: 'UNKNOWN' }), other], [])).toEqual([hit()]);
    expect(newsOf({ ...found, hits: [worse] }, found.hits, [A])).toEqual([]);
  });

  it('tells services with the same digest apart', () => {
    expect(newsOf(found, [hit({ svc: 'cart' }), other], [])).toEqual([hit()]);
  });
});
