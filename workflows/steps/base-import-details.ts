import { BASE_IMPORT_STEPS, type BaseImportReport } from '../../src/contract/base-messages';

const SAYS: Readonly<Record<NonNullable<BaseImportReport['outcome']>, string>> = {
  imported: 'Builds may start from it.',
  unchanged: 'Builds start from it already.',
  refused: 'It may not come in.',
  failed: 'It could not be told whether it may come in.',
};

/** For Temporal Web UI. */
export function describeImport(report: BaseImportReport): string {
  const { family, source, step, outcome, version, digest, verifiedBy, mirror } = report;
  const place = `step ${BASE_IMPORT_STEPS.indexOf(step) + 1} of ${BASE_IMPORT_STEPS.length}: ${step}`;
  const facts = [
    ['from', source],
    ['version', version],
    ['digest', digest],
    ['verified by', verifiedBy],
    ['mirror', mirror],
    ['why', report.reason],
    ['to do', report.remedy],
  ] as const;
  const lines = facts.flatMap(([name, value]) => (value ? [`- ${name}: ${value}`] : []));
  return [`### bases/${family}`, '', outcome ? SAYS[outcome] : place, '', ...lines].join('\n');
}
