import { describeCauses } from './cause';
import { allCauses } from './causes/all';

for (const [title, causes] of Object.entries(allCauses)) describeCauses(title, causes);
