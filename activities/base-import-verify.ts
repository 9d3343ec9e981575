import type { BaseApproval } from '../src/ports/base-catalogue';
import type { BaseImportDeps, BaseStepInput, Step } from './base-import';
import { refused, refusing } from './base-import-refusal';
import { heartbeating } from './heartbeat';

/** Two pairs of eyes: who asks for an import does not approve what comes in by it. */
export async function approvalFor(
  { baseCatalogue }: Pick<BaseImportDeps, 'baseCatalogue'>,
  { family, digest, requestedBy }: BaseStepInput,
): Promise<BaseApproval | null> {
  const approval = await baseCatalogue.findApproval(family.name, digest);
  return approval?.approvedBy === requestedBy ? null : approval;
}

async function verifyByApproval(deps: BaseImportDeps, input: BaseStepInput): Promise<Step<string>> {
  const approval = await approvalFor(deps, input);
  const { family, digest, requestedBy } = input;
  return approval
    ? { ok: true, value: `approval of ${approval.approvedBy}` }
    : refused(
        `Nobody signs ${family.name}, and nobody but ${requestedBy} approved ${digest}`,
        `let somebody else look at it: plura reg base allow ${family.name} ${digest} --reason …`,
      );
}

/** By the rule of the family, at the vendor. */
export function verifyBase(deps: BaseImportDeps, input: BaseStepInput): Promise<Step<string>> {
  const { source, signature } = input.family;
  const { digest } = input;
  return heartbeating(() =>
    refusing<string>(async () => {
      if (signature.kind === 'approval') return verifyByApproval(deps, input);
      const vendor = deps.baseVendors.at(source.host);
      return { ok: true, value: await deps.verifyVendor({ source, digest, vendor }, signature) };
    }),
  );
}
