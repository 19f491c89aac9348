/** Options whose files both instances use. */
import { pathsIn } from '../path-places';
import type { ResourceKind } from '../plan';
import { shared, verdict, type Rule } from '../verdict';

/** Nothing of the host is named, or nothing that could be busy. */
export const plain: Rule = (option) => verdict(option);

export function sharePaths(kind: ResourceKind, reason = 'only read'): Rule {
  return (option) =>
    verdict(option, {
      resources: pathsIn(option).map((path) => shared(option, kind, path, reason)),
    });
}
