import type { Logger } from 'pino';
import {
  createEvidenceExplainer,
  type ExplainEvidence,
} from '../admission/verify/explain-evidence';
import type { VerifierParts } from '../admission/verify/image-verifier';
import { loadAdmissionSettings } from '../config/admission';
import { DEFAULT_VERIFY_SETTINGS } from '../domain/admission/settings';

/** The verifier of the webhook, for `why`. @throws ReleaseError INVALID_INPUT for a settings file that does not fit */
export function joinEvidenceExplainer(
  parts: Omit<VerifierParts, 'settings' | 'onBug'>,
  settingsFile: string | null,
  log: Pick<Logger, 'error'>,
): ExplainEvidence {
  return createEvidenceExplainer({
    ...parts,
    settings: settingsFile === null ? DEFAULT_VERIFY_SETTINGS : loadAdmissionSettings(settingsFile),
    onBug: (err) => {
      log.error({ err }, 'a check of an image failed');
    },
  });
}
