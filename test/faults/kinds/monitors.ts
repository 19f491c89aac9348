import { striking, type Fault } from '../fault';

export const faultyMonitors: readonly Fault[] = [
  {
    name: 'replies 500 ms late',
    befall: striking(({ monitors }) => {
      monitors.delayMs = 500;
    }),
    heal({ monitors }) {
      monitors.delayMs = 0;
    },
  },
  {
    name: 'a command answered with an error',
    befall: striking(({ monitors }) => {
      monitors.falseErrors = 1;
    }),
    heal({ monitors }) {
      monitors.falseErrors = 0;
    },
  },
];
