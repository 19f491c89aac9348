import assert from 'node:assert/strict';
import { once } from 'node:events';
import { startProxyCommand } from '../../../src/host/ssh/transport';
import { hostError } from '../workbench';

describe('a ProxyCommand', () => {
  it('tells what it said when it failed, not that it took nothing any more before', async () => {
    const script = 'exec 0<&-; echo here; sleep 0.2; echo no way >&2; exit 7';
    const stream = startProxyCommand(`sh -c '${script}'`);
    await once(stream, 'data');
    stream.write('SSH-2.0-test\r\n');
    await assert.rejects(once(stream, 'end'), (error: Error) => {
      assert.match(error.message, /no way/);
      return hostError('SSH_UNREACHABLE')(error);
    });
  });
});
