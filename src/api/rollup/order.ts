import type { RollupInput } from '../../contract/rollup-messages';
import { rollupSettingsOf } from '../../domain/rollup/policy';
import type { RollupCause } from '../../domain/rollup';
import { findService } from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';

interface Asked {
  readonly services?: readonly string[] | undefined;
  readonly advisory?: string | undefined;
}

/** What a rollup is started with for a person. @throws ReleaseError UNKNOWN_SERVICE */
export function rollupOrder(
  { catalog, policy }: Pick<ApiDependencies, 'catalog' | 'policy'>,
  { services, advisory }: Asked,
  asked: { readonly by: string; readonly reason: string },
): Omit<RollupInput, 'id'> {
  const cause: RollupCause =
    advisory === undefined
      ? { kind: 'asked', ...asked }
      : { kind: 'emergency', advisory, by: asked.by };
  const only = services?.map((svc) => findService(catalog, svc).svc) ?? null;
  return {
    cause,
    only: only && [...new Set(only)],
    settings: rollupSettingsOf(policy, cause.kind),
  };
}
