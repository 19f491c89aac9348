import assert from 'node:assert/strict';
import { TraceModel } from '../../../src/views/timeline/model/trace-model';
import { columnsOf, highest, valuesAt } from '../../../src/views/timeline/ram-chart/series';
import { at, header } from './traces';

const mib = 1024 * 1024;
const sample = (us: number, sent: number, left: number, mbps?: number) =>
  at(us, {
    type: 'ram',
    instance: 7,
    transferred: sent * mib,
    remaining: left * mib,
    total: 256 * mib,
    ...(mbps !== undefined && { mbps }),
  });

describe("the timeline's RAM chart", () => {
  const [hop] = TraceModel.of([header, sample(100, 16, 240, 800), sample(200_100, 250, 6)]).hops;
  const samples = hop?.ram.items ?? [];
  const columns = columnsOf([samples]);

  it('has MiB and MB/s over µs, and nothing where no rate was measured', () => {
    assert.deepEqual(columns, [
      [100, 200_100],
      [240, 6],
      [16, 250],
      [100, undefined],
    ]);
  });

  it('ends the lines of a migration where the next one begins', () => {
    const [first, last] = samples;
    assert.ok(first !== undefined && last !== undefined);
    assert.deepEqual(columnsOf([[first], [], [last]]), [
      [100, 200_100, 200_100],
      [240, null, 6],
      [16, null, 250],
      [100, null, undefined],
    ]);
  });

  it('has one scale for all that was sent and is left', () => {
    assert.ok(highest(columns[1], columns[2]) > 250);
    assert.ok(highest([null], []) > 0);
  });

  it('says the values at a sample', () => {
    assert.deepEqual(valuesAt(columns, 0), ['240.0 MiB', '16.0 MiB', '100 MB/s']);
    assert.deepEqual(valuesAt(columns, 1), ['6.0 MiB', '250.0 MiB', '']);
    assert.deepEqual(valuesAt(columnsOf([[]]), -1), ['', '', '']);
  });
});
