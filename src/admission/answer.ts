import type { AdmissionAnswer, AdmissionResponse } from '../contract/schema/admission-review';
import { cut } from './fit-text';

/**
 * Of the API server: above MAX_WARNINGS in all it cuts each to MAX_WARNING, and drops what still does not fit
 * (k8s.io/apiserver, filters/warning.go). It counts characters; bytes are never fewer.
 */
export const MAX_WARNING = 256;
const MAX_WARNINGS = 4096;
/** A denial of a hundred images is still read by people, in one line of kubectl's. */
export const MAX_MESSAGE = 8192;

/** A warning is a header: the API server throws one with a control character away (apimachinery, NewWarningHeader). */
function onOneLine(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ').trim();
}

/** As many as the API server passes on, in a form that it does. */
export function fitWarnings(warnings: readonly string[]): readonly string[] {
  const lines = new Set(warnings.map((one) => cut(onOneLine(one), MAX_WARNING)));
  const short = [...lines].filter((one) => one !== '');
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
