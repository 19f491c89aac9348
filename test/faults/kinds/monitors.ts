import { monitorFaults } from '../../support/faulty-host';
import { striking, type Fault } from '../fault';

export const faultyMonitors: readonly Fault[] = monitorFaults.map(({ strike, ...fault }) => ({
  ...fault,
  befall: striking(strike),
}));
