import type { AllowSource, Workloads } from '../admission/dependencies';
import { ReleaseError } from '../contract/errors';

/** Refuses everything, until the allow-list is joined here. */
export const NO_ALLOW_LIST: AllowSource = {
  judge: () =>
    Promise.resolve({
      allowed: false,
      reasons: ['No allow-list is joined.'],
      expiresAt: null,
      revision: 0,
    }),
};

/** Refuses everything, until the readers of workloads are joined here. */
export const NO_WORKLOADS: Workloads = {
  podTemplateOf: () => {
    throw new ReleaseError('INVALID_INPUT', 'no reader of workloads is joined');
  },
  imagesOf: () => [],
  judgeGuardrails: () => Promise.resolve({ denied: [], warnings: [], audited: [], unread: [] }),
};
