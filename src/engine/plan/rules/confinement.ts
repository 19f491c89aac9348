/** `-chroot`, `-runas`, `-run-with`: what QEMU gives up once it is started. */
import { pathsIn } from '../path-places';
import { shared, verdict, type Rule } from '../verdict';

export const confinement: Rule = (option) =>
  verdict(option, {
    resources: pathsIn(option).map((path) =>
      shared(option, 'other', path, 'both instances lock themselves in there'),
    ),
    warnings: [
      {
        code: 'CONFINEMENT',
        message: `${option.flag} ${option.value ?? ''}: what the target opens after its start (addresses that it takes back among it) is subject to it.`,
      },
    ],
  });
