import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerGetDatabases } from './get';
import { registerMirrorDatabases } from './mirror';

/** The scanner's databases (docs/database-mirror.md). */
export function registerDatabaseRoutes(app: Api, deps: ApiDependencies): void {
  registerGetDatabases(app, deps);
  registerMirrorDatabases(app, deps);
}
