import { setTimeout as sleep } from 'node:timers/promises';
import { ReleaseError } from '../contract/errors';
import { SYSTEM_ACTOR } from '../domain/actor';
import { basesPolicyOf, type BaseFamily } from '../domain/bases/family';
import type { Policy } from '../domain/policy';
import type { Orchestrator } from '../orchestrator/orchestrator';
import type { BaseImportNote, BaseImports } from '../ports/base-imports';

const LOOK_MS = 2_000;
/** Looks at an import that was started and is not seen: its workflow was stopped. */
const MAX_ABSENT = 15;

type Imports = Orchestrator['baseImports'];

/** Starts the import workflow of every family of the policy, and waits for their reports; one that runs already is waited for too. */
export function createBaseImporter(
  imports: Imports,
  policy: Policy,
  lookMs = LOOK_MS,
): BaseImports {
  const { families } = basesPolicyOf(policy);
  return {
    importNewest: (by) =>
      Promise.all(
        families.map(async (family) => {
          await start(imports, policy, family, by ?? SYSTEM_ACTOR.subject);
          return waitFor(imports, family.name, lookMs);
        }),
      ),
  };
}

async function start(
  imports: Imports,
  policy: Policy,
  family: BaseFamily,
  requestedBy: string,
): Promise<void> {
  await imports.start({
    ...{ family, allowOlder: false, requestedBy },
    ...{ scan: policy.scan, transparencyLog: policy.signing.transparencyLog },
  });
}

async function waitFor(imports: Imports, family: string, lookMs: number): Promise<BaseImportNote> {
  let absent = 0;
  for (;;) {
    const state = await look(imports, family);
    const report = state?.report;
    if (report && report.outcome !== null && !state.running) {
      const { outcome, version, mirror, reason } = report;
      const what = mirror ?? version;
      const text = [
        outcome,
        ...(what === null ? [] : [what]),
        ...(reason === null ? [] : [reason]),
      ];
      return { family, ok: outcome !== 'failed' && outcome !== 'refused', text: text.join(', ') };
    }
    absent = state?.running === true ? 0 : absent + 1;
    if (absent > MAX_ABSENT) return { family, ok: false, text: 'its import was stopped' };
    await sleep(lookMs);
  }
}

/** A Temporal that is away for a moment costs a look, not the import. */
async function look(imports: Imports, family: string): ReturnType<Imports['state']> {
  try {
    return await imports.state(family);
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'ORCHESTRATOR_UNAVAILABLE') return null;
    throw error;
  }
}
