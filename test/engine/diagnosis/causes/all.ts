import type { Cause } from '../cause';
import { emulators } from './emulators';
import { files } from './files';
import { inFlight } from './in-flight';
import { memory } from './memory';
import { startless, wrongTargets } from './target';

/** By what they have in common. */
export const allCauses: Readonly<Record<string, readonly Cause[]>> = {
  'a target that lacks something': emulators,
  'a target that is not as the source': wrongTargets,
  'a target that does not start': startless,
  'files of the source': files,
  'memory of the host': memory,
  'a migration under way': inFlight,
};
