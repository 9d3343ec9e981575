import type { Logger } from 'pino';
import {
  createEvidenceExplainer,
  type ExplainEvidence,
} from '../admission/verify/explain-evidence';
import type { VerifierParts } from '../admission/verify/image-verifier';
import { loadAdmissionSettings } from '../config/admission';
import type { VerifySettings } from '../domain/admission/settings';

/** As deploy/admission/default.yaml, for an API that is not told how the webhook works. */
const SHIPPED: VerifySettings = {
  dependencyMs: 3_000,
  verdictMaxAgeMs: 7 * 86_400_000,
  trustedSources: [],
  limits: {
    reviews: 256,
    bodyBytes: 256 * 1024 * 1024,
    imagesPerReview: 100,
    bundlesPerImage: 64,
    bundleBytes: 64 * 1024 * 1024,
    childrenPerImage: 50,
  },
};

/** The verifier of the webhook, for `why`. @throws ReleaseError INVALID_INPUT for a settings file that does not fit */
export function joinEvidenceExplainer(
  parts: Omit<VerifierParts, 'settings' | 'onBug'>,
  settingsFile: string | null,
  log: Pick<Logger, 'error'>,
): ExplainEvidence {
  return createEvidenceExplainer({
    ...parts,
    settings: settingsFile === null ? SHIPPED : loadAdmissionSettings(settingsFile),
    onBug: (err) => {
      log.error({ err }, 'a check of an image failed');
    },
  });
}
