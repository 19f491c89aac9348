/** Points in time, in the user's language. */
import type { Words } from './branch';

type Style = Pick<Intl.DateTimeFormatOptions, 'dateStyle' | 'timeStyle'>;

/**
 * @param language asked at the first use: what formats times costs the extension's start too much
 * @param now ms since the epoch
 */
export function timeWords(
  language: () => string,
  now: () => number = Date.now,
): Pick<Words, 'time' | 'shortTime'> {
  const inStyle = (style: Style) => {
    let format: Intl.DateTimeFormat | undefined;
    return (ms: number) => (format ??= new Intl.DateTimeFormat(language(), style)).format(ms);
  };
  const both = inStyle({ dateStyle: 'short', timeStyle: 'short' });
  const date = inStyle({ dateStyle: 'short' });
  const time = inStyle({ timeStyle: 'short' });
  return {
    time: (at) => both(at / 1000),
    shortTime: (at) => (date(at / 1000) === date(now()) ? time : date)(at / 1000),
  };
}
