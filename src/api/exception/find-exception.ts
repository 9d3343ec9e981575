import { ReleaseError } from '../../contract/errors';
import type { Exception } from '../../domain/exceptions/exception';
import type { ApiDependencies } from '../dependencies';

/** @throws ReleaseError EXCEPTION_NOT_FOUND */
export async function findException(
  { exceptions }: Pick<ApiDependencies, 'exceptions'>,
  id: string,
): Promise<Exception> {
  const exception = await exceptions.read(id);
  if (exception) return exception;
  throw new ReleaseError('EXCEPTION_NOT_FOUND', `There is no exception "${id}"`, {
    details: { field: 'id', remedy: 'see what there is: plura reg exception list --all' },
  });
}
