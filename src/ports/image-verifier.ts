import type { AdmissionFault } from '../domain/admission/fault';
import type { ImageRef } from '../domain/reference';

/** The checks of the admission webhook, asked of what runs already. Never throws: what could not be known is a fault. */
export interface ImageVerifier {
  /** No fault = good. */
  verify(image: ImageRef): Promise<{ readonly faults: readonly AdmissionFault[] }>;
}
