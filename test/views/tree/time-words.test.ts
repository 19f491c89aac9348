import assert from 'node:assert/strict';
import { timeWords } from '../../../src/views/tree/time-words';

const at = (time: string) => Date.parse(`2026-11-${time}`) * 1000;

describe('times in the tree', () => {
  const words = timeWords(
    () => 'en-GB',
    () => Date.parse('2026-11-23T12:00'),
  );

  it('are of today the time, of another day the date where there is little room', () => {
    assert.equal(words.shortTime(at('23T08:14')), '08:14');
    assert.equal(words.shortTime(at('22T08:14')), '22/11/2026');
  });

  it('are whole where there is room', () => {
    assert.equal(words.time(at('23T08:14')), '23/11/2026, 08:14');
  });
});
