export interface BaseImportNote {
  readonly family: string;
  /** A sentence for people: what was imported, or why nothing was. */
  readonly text: string;
  readonly ok: boolean;
}

/** Looks at the vendors for newer bases and imports them. Throws ReleaseError ORCHESTRATOR_UNAVAILABLE. */
export interface BaseImports {
  /** Of every family of the policy, in the name of who asked; null: the system. Waits for the end. */
  importNewest(by: string | null): Promise<readonly BaseImportNote[]>;
}
