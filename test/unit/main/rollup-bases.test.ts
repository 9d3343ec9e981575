import { ReleaseError } from '../../../src/contract/errors';
import type { BaseImportInput, BaseImportReport } from '../../../src/contract/base-messages';
import type { BaseFamily } from '../../../src/domain/bases/family';
import { createBaseImporter } from '../../../src/main/rollup-bases';
import type { BaseImports, BaseImportState } from '../../../src/orchestrator/base-imports';
import { testPolicy } from '../../support/builders';
import { A, T0 } from '../../support/contracts/ledger-builders';

function familyOf(name: string): BaseFamily {
  return {
    ...{ name, source: { host: 'vendor.test', repository: name } },
    ...{ channel: { kind: 'tag', tag: 'latest' }, signature: { kind: 'approval' } },
  };
}

const POLICY = testPolicy({ bases: { families: [familyOf('static'), familyOf('java')] } });

function reportOf(family: string, over: Partial<BaseImportReport>): BaseImportReport {
  return {
    ...{ family, startedAt: T0, endedAt: T0, step: 'publish', outcome: 'imported' },
    ...{ source: `vendor.test/${family}`, version: '2', digest: A, verifiedBy: 'its key' },
    ...{ mirror: `bases/${family}:2_20261130`, reason: null, remedy: null },
    ...over,
  };
}

/** Import workflows that say these things, one a look, the last one for ever. */
function importsOf(
  says: Readonly<Record<string, readonly (BaseImportState | null | 'away')[] | undefined>>,
): BaseImports & { readonly started: BaseImportInput[] } {
  const started: BaseImportInput[] = [];
  const looks = new Map<string, number>();
  return {
    started,
    start: (input) => {
      started.push(input);
      return Promise.resolve({ started: true, running: null });
    },
    state: (family) => {
      const turn = looks.get(family) ?? 0;
      looks.set(family, turn + 1);
      const states = says[family] ?? [];
      const said = states[Math.min(turn, states.length - 1)] ?? null;
      if (said === 'away') throw new ReleaseError('ORCHESTRATOR_UNAVAILABLE', 'away');
      return Promise.resolve(said);
    },
  };
}

const stateOf = (family: string, over: Partial<BaseImportReport>): BaseImportState => {
  const report = reportOf(family, over);
  return { workflowId: `base-import/${family}`, running: report.outcome === null, report };
};

it('imports every family of the policy, and waits for what became of each', async () => {
  const refused = { outcome: 'refused', mirror: null, reason: 'it is older' } as const;
  const imports = importsOf({
    static: [stateOf('static', { outcome: null }), 'away', stateOf('static', {})],
    java: [stateOf('java', refused)],
  });

  const notes = await createBaseImporter(imports, POLICY, 1).importNewest('monthly-1');

  expect(imports.started).toMatchObject([
    { family: { name: 'static' }, requestedBy: 'system:plura', allowOlder: false },
    { family: { name: 'java' } },
  ]);
  expect(notes).toEqual([
    { family: 'static', ok: true, text: 'imported, bases/static:2_20261130' },
    { family: 'java', ok: false, text: 'refused, 2, it is older' },
  ]);
});

it('does not wait for ever for an import that somebody stopped', async () => {
  const notes = await createBaseImporter(importsOf({}), POLICY, 1).importNewest('monthly-1');

  expect(notes.map(({ text }) => text)).toEqual([
    'its import was stopped',
    'its import was stopped',
  ]);
});

it('has nothing to import where the policy names no family', async () => {
  expect(await createBaseImporter(importsOf({}), testPolicy()).importNewest('m')).toEqual([]);
});
