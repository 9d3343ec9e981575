import type { Logger } from 'pino';
import { createEvidenceExplainer } from '../admission/verify/explain-evidence';
import type { VerifierParts } from '../admission/verify/image-verifier';
import type { ApiDependencies } from '../api/dependencies';
import { loadAdmissionSettings } from '../config/admission';
import { DEFAULT_VERIFY_SETTINGS } from '../domain/admission/settings';

/** The verifier and the names of the webhook, for `why`. @throws ReleaseError INVALID_INPUT for a settings file that does not fit */
export function joinExplainer(
  parts: Omit<VerifierParts, 'settings' | 'onBug'>,
  settingsFile: string | null,
  log: Pick<Logger, 'error'>,
): Pick<ApiDependencies, 'explainEvidence' | 'registryNames'> {
  const settings = settingsFile === null ? null : loadAdmissionSettings(settingsFile);
  const explainEvidence = createEvidenceExplainer({
    ...parts,
    settings: settings ?? DEFAULT_VERIFY_SETTINGS,
    onBug: (err) => {
      log.error({ err }, 'a check of an image failed');
    },
  });
  return { explainEvidence, registryNames: settings?.registries ?? null };
}
