/** Options that no rule knows: what looks like a path or an address is named. */
import { shared, verdict, type Rule } from '../verdict';

const path = /(?:^|[=:,"'\s])(\.{0,2}\/[^,"'\s]+)/g;
const address =
  /(?:^|[=,"'\s])((?:(?:tcp|udp|unix|telnet|vsock|wss?):)?[\w.[\]-]*:\d{1,5})(?=$|[,"'\s])/g;

export const unknown: Rule = (option) => {
  const names = resourcesIn(option.value ?? '');
  return verdict(option, {
    resources: names.map((name) => shared(option, 'other', name, 'no rule knows this option')),
    warnings: names.map((name) => ({
      code: 'UNKNOWN_RESOURCE',
      message: `${option.flag} names ${name}, which no rule knows: both instances use it.`,
    })),
  });
};

/** What looks like a path or an address of the host. */
export function resourcesIn(text: string): string[] {
  return [...text.matchAll(path), ...text.matchAll(address)].map(([, name = '']) => name);
}
