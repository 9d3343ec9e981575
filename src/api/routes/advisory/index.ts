import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerCloseCase } from './close';
import { registerExtendCase } from './extend';
import { registerGetCase } from './get';
import { registerListCases } from './list';
import { registerNoteCase } from './note';

/** Cases of advisories (docs/advisory-cases.md). */
export function registerAdvisoryRoutes(app: Api, deps: ApiDependencies): void {
  registerListCases(app, deps);
  registerGetCase(app, deps);
  registerNoteCase(app, deps);
  registerExtendCase(app, deps);
  registerCloseCase(app, deps);
}
