import { describeCauses } from './cause';
import { emulators } from './causes/emulators';
import { files } from './causes/files';
import { inFlight } from './causes/in-flight';
import { memory } from './causes/memory';
import { startless, wrongTargets } from './causes/target';

describeCauses('a target that lacks something', emulators);
describeCauses('a target that is not as the source', wrongTargets);
describeCauses('a target that does not start', startless);
describeCauses('a migration under way', inFlight);
describeCauses('files of the source', files);
describeCauses('memory of the host', memory);
