export interface BuildRefusal {
  readonly code: 'BUILD_REFUSED' | 'LATEST_REFUSED' | 'BASE_REFUSED';
  readonly message: string;
  readonly remedy: string;
  /** Of the Dockerfile, from 1; absent for what stands on no line. */
  readonly line?: number;
}
