import { describeCauses } from './cause';
import { inFlight } from './causes/in-flight';
import { startless, wrongTargets } from './causes/target';

describeCauses('a target that is not as the source', wrongTargets);
describeCauses('a target that does not start', startless);
describeCauses('a migration under way', inFlight);
