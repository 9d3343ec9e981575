import { metadataPointer } from '../workload';
import type { Guardrail } from './guardrail';
import { hasMarker } from './markers';

export const mtlsMode: Guardrail = {
  id: 'mtls-mode',
  title: 'The pod says that its traffic is mutual TLS',
  why: 'Between services both sides prove who they are, and nobody reads along.',
  remedy:
    "set the annotation plura.reg/mtls: strict on the pod, or a marker that your mesh's policy names",
  judge({ template }, { mtls }) {
    return hasMarker(template, mtls.markers)
      ? []
      : [
          {
            rule: 'mtls-mode',
            pointer: metadataPointer(template, 'annotations'),
            message: 'nothing on the pod says that it speaks mutual TLS',
          },
        ];
  },
};
