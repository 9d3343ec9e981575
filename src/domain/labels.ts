import type { Service } from './service';

export type Labels = Readonly<Record<string, string>>;

const IMAGE = 'org.opencontainers.image';

export interface LabelInput {
  readonly service: Pick<Service, 'region'>;
  readonly version: string;
  readonly revision: string;
  readonly releaseId: string;
  readonly buildId: string;
  /** RFC 3339. */
  readonly created: string;
  /** Where the source is, URL or path in the repository. */
  readonly source: string;
}

/** The labels that every image carries (design, section 6). */
export function requiredLabels(input: LabelInput): Labels {
  return {
    [`${IMAGE}.version`]: input.version,
    [`${IMAGE}.revision`]: input.revision,
    [`${IMAGE}.source`]: input.source,
    [`${IMAGE}.created`]: input.created,
    'plura.region': input.service.region,
    'plura.release_id': input.releaseId,
    'plura.build_id': input.buildId,
  };
}

/** The labels of a pushed image whose value follows from the release it is to be: a required one may not lie. */
export function labelsToHold(
  input: Pick<LabelInput, 'service' | 'version' | 'revision' | 'releaseId'>,
  required: readonly string[],
): Labels {
  const ours = { 'plura.region': input.service.region, 'plura.release_id': input.releaseId };
  return {
    [`${IMAGE}.version`]: input.version,
    [`${IMAGE}.revision`]: input.revision,
    ...Object.fromEntries(Object.entries(ours).filter(([name]) => required.includes(name))),
  };
}

export type LabelsDecision =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      readonly code: 'LABEL_MISSING';
      /** Label names, absent or empty. */
      readonly missing: readonly string[];
      /** Label names whose value is not the one expected. */
      readonly wrong: readonly string[];
      readonly message: string;
    };

// RFC 3339, section 5.6, as image-spec annotations.md wants "created".
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

function isWrong(name: string, value: string, expected: Labels): boolean {
  if (Object.hasOwn(expected, name)) {
    return value !== expected[name];
  }
  return name === `${IMAGE}.created` && !RFC3339.test(value);
}

/**
 * All of `required` must be there and not empty; those in `expected` must have that very value,
 * e.g. the version and revision that are being released.
 */
export function checkLabels(
  labels: Labels,
  required: readonly string[],
  expected: Labels = {},
): LabelsDecision {
  const names = [...new Set([...required, ...Object.keys(expected)])];
  const valueOf = (name: string): string =>
    Object.hasOwn(labels, name) ? (labels[name] ?? '').trim() : '';
  const missing = names.filter((name) => valueOf(name) === '');
  const wrong = names.filter(
    (name) => !missing.includes(name) && isWrong(name, valueOf(name), expected),
  );
  if (missing.length === 0 && wrong.length === 0) {
    return { accepted: true };
  }
  const parts = [
    ...missing.map((name) => `${name} is missing`),
    ...wrong.map((name) =>
      Object.hasOwn(expected, name)
        ? `${name} is "${valueOf(name)}", expected "${expected[name] ?? ''}"`
        : `${name} "${valueOf(name)}" is not an RFC 3339 time`,
    ),
  ];
  const message = `Image labels: ${parts.join('; ')}.`;
  return { accepted: false, code: 'LABEL_MISSING', missing, wrong, message };
}
