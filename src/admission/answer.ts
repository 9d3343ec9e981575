import type { AdmissionAnswer, AdmissionResponse } from '../contract/schema/admission-review';

/** The API server cuts what is longer (k8s.io/api/admission/v1, AdmissionResponse.warnings). */
const MAX_WARNING = 120;
const MAX_WARNINGS = 4096;
/** A denial of a hundred images is still read by people, in one line of kubectl's. */
const MAX_MESSAGE = 8192;

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** As many as the API server passes on. */
export function fitWarnings(warnings: readonly string[]): readonly string[] {
  const short = [...new Set(warnings)].map((one) => cut(one, MAX_WARNING));
  const fitting: string[] = [];
  let length = 0;
  for (const one of short) {
    // The last place is for the number of those left out.
    if (length + Buffer.byteLength(one) > MAX_WARNINGS - MAX_WARNING) {
      return [...fitting, `and ${short.length - fitting.length} more warnings`];
    }
    fitting.push(one);
    length += Buffer.byteLength(one);
  }
  return fitting;
}

export function allow(uid: string, warnings: readonly string[] = []): AdmissionResponse {
  const fitting = fitWarnings(warnings);
  return { uid, allowed: true, ...(fitting.length > 0 && { warnings: fitting }) };
}

/** Refused for good (403), or as long as something can't be found out (503). */
export type DenialKind = 'judged' | 'unknown';

export function deny(
  uid: string,
  kind: DenialKind,
  message: string,
  warnings: readonly string[] = [],
): AdmissionResponse {
  const fitting = fitWarnings(warnings);
  return {
    uid,
    allowed: false,
    status: {
      code: kind === 'judged' ? 403 : 503,
      reason: kind === 'judged' ? 'Forbidden' : 'ServiceUnavailable',
      message: cut(message, MAX_MESSAGE),
    },
    ...(fitting.length > 0 && { warnings: fitting }),
  };
}

export function answerWith(response: AdmissionResponse): AdmissionAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
