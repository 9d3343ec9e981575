import { z } from 'zod';

/** Kept as it is: only the parts that are judged are read, and walking 3 MB of them here would say nothing. */
const rawObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'not an object',
);

const groupVersionKind = z.looseObject({
  group: z.string().max(253),
  version: z.string().max(63),
  kind: z.string().max(63),
});

/** What the API server asks (k8s.io/api/admission/v1, AdmissionRequest); unknown fields pass. */
const admissionRequest = z.looseObject({
  uid: z.string().min(1).max(128),
  kind: groupVersionKind,
  subResource: z.string().max(63).default(''),
  namespace: z.string().max(253).default(''),
  name: z.string().max(253).default(''),
  operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
  userInfo: z.looseObject({
    username: z.string().max(1024).default(''),
    groups: z
      .array(z.string().max(1024))
      .max(10_000)
      .nullish()
      .transform((groups) => groups ?? []),
  }),
  object: rawObject.nullish().transform((object) => object ?? null),
  oldObject: rawObject.nullish().transform((object) => object ?? null),
  dryRun: z
    .boolean()
    .nullish()
    .transform((dryRun) => dryRun ?? false),
});
export type AdmissionRequest = z.infer<typeof admissionRequest>;

/** k8s.io/api/admission/v1, AdmissionReview, as it is sent to a webhook. */
export const AdmissionReview = z.looseObject({
  apiVersion: z.literal('admission.k8s.io/v1', 'only admission.k8s.io/v1 is spoken'),
  kind: z.literal('AdmissionReview'),
  request: admissionRequest,
});

/** k8s.io/api/admission/v1, AdmissionResponse: the part that we write. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: {
    /** HTTP status that the client of the API server gets, 400 or more. */
    readonly code: number;
    readonly reason: 'Forbidden' | 'ServiceUnavailable';
    readonly message: string;
  };
  readonly warnings?: readonly string[];
  readonly patchType?: 'JSONPatch';
  /** RFC 6902, base64. */
  readonly patch?: string;
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

export interface AdmissionAnswer {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}
