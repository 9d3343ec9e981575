import { OCI_ERRORS, type Refusal, type Ruling } from '../../domain/registry/refusal';

/** A request that is refused; answered with the error body of the distribution-spec ("Error Codes"). */
export class Refused extends Error {
  readonly refusal: Refusal;
  readonly headers: Readonly<Record<string, string>>;

  constructor(refusal: Refusal, headers: Readonly<Record<string, string>> = {}) {
    super(refusal.message);
    this.name = 'Refused';
    this.refusal = refusal;
    this.headers = headers;
  }

  get status(): number {
    return this.refusal.status ?? OCI_ERRORS[this.refusal.code];
  }
}

export function refused(refusal: Refusal, headers?: Readonly<Record<string, string>>): Refused {
  return new Refused(refusal, headers);
}

/** @throws Refused */
export function enforce(ruling: Ruling): void {
  if (!ruling.allowed) throw refused(ruling.refusal);
}

export function errorBody({ code, message, rule, remedy, detail }: Refusal): string {
  return JSON.stringify({ errors: [{ code, message, detail: { rule, remedy, ...detail } }] });
}
