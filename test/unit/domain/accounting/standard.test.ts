import {
  readStandard,
  STANDARD_METRICS,
  type LedgerCounts,
  type StandardMetric,
  type StoredCounts,
} from '../../../../src/domain/accounting/standard';

const LEDGER: LedgerCounts = {
  sbom: { have: 3, of: 3 },
  signed: { have: 2, of: 3 },
  cveBlocks: { pull: 4, admission: 3, release: 2, rescan: 1 },
  promotion: { count: 7, p95Ms: 1_800_000 },
  rollback: { count: 2, p95Ms: 300_001 },
  deletedBytes: 5,
  reclaimedBytes: 4,
};
const STORED: StoredCounts = {
  images: { '-': 4, dev: 3, stg: 2, prod: 1 },
  digests: 20,
  storageBytes: 1000,
  reclaimableBytes: 50,
};

function find(all: readonly StandardMetric[], name: string): StandardMetric | undefined {
  return all.find((metric) => metric.name === name);
}

describe('the metrics of the standard', () => {
  it('come all and in order, with what is met', () => {
    const all = readStandard(STORED, LEDGER);

    expect(all.map(({ name }) => name)).toEqual(STANDARD_METRICS);
    expect(Object.fromEntries(all.map(({ name, met }) => [name, met]))).toEqual({
      ...{ image_count_by_env: null, digest_unique: null, cve_block_events: null },
      ...{ registry_storage_bytes: null, gc_reclaim_bytes: null },
      ...{ sbom_coverage: true, signed_artifacts: false },
      ...{ promotion_latency_p95: true, rollback_time_p95: false },
    });
    expect(find(all, 'rollback_time_p95')).toMatchObject({
      ...{ of: 2, samples: [{ label: null, value: 300.001 }] },
    });
    expect(find(all, 'gc_reclaim_bytes')?.samples).toEqual([
      { label: 'planned', value: 50 },
      { label: 'deleted', value: 5 },
      { label: 'reclaimed', value: 4 },
    ]);
  });

  it('have no sample where nothing is to be measured, nor a 0 in its place', () => {
    const none = { have: 0, of: 0 };
    const all = readStandard(
      { ...STORED, reclaimableBytes: null },
      {
        ...LEDGER,
        sbom: none,
        signed: none,
        promotion: null,
        rollback: null,
        reclaimedBytes: null,
      },
    );

    for (const name of ['sbom_coverage', 'signed_artifacts', 'promotion_latency_p95']) {
      expect(find(all, name)).toMatchObject({ samples: [], of: 0, met: null });
    }
    expect(find(all, 'gc_reclaim_bytes')?.samples).toEqual([{ label: 'deleted', value: 5 }]);
  });

  it('have no sample of a source that could not be read', () => {
    const known = (all: readonly StandardMetric[]): readonly string[] =>
      all.filter(({ samples }) => samples.length > 0).map(({ name }) => name);

    expect(known(readStandard(null, null))).toEqual([]);
    expect(known(readStandard(STORED, null))).toEqual([
      ...['image_count_by_env', 'digest_unique', 'registry_storage_bytes', 'gc_reclaim_bytes'],
    ]);
    expect(known(readStandard(null, LEDGER))).toHaveLength(6);
  });
});
