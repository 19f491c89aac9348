import type { User } from '../state/records';

/** The command line that runs another one as this user, with none of our rights. */
export function asUser(user: User | undefined, argv: readonly string[]): string[] {
  if (user === undefined) return [...argv];
  const { uid, gid, groups } = user;
  const supplementary = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, supplementary, '--', ...argv];
}
