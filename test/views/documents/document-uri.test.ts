import assert from 'node:assert/strict';
import { documentAddress, documentUri } from '../../../src/views/documents/document-uri';

const instance = { hostId: 'local', uuid: 'u', name: 'devbox', instanceId: 7 };

describe('the address of an instance’s document', () => {
  it('ends in what the tab is called', () => {
    assert.equal(documentUri('status', instance).path, '/devbox #7 status');
    assert.equal(documentUri('command line', instance).path, '/devbox #7 command line');
  });

  it('has a name of others in it as text, and as one name', () => {
    const { path } = documentUri('status', { ...instance, name: '../a/\u202eb\n' });
    assert.equal(path, '/..∕a∕\\u{202e}b\\n #7 status');
  });

  it('says what the document is of', () => {
    const { hostId, uuid, instanceId } = instance;
    assert.deepEqual(documentAddress(documentUri('status', instance)), {
      kind: 'status',
      ...{ hostId, uuid, instanceId },
    });
  });

  for (const query of ['', 'x', '{}', '{"kind":"plan","hostId":"a","uuid":"b","instanceId":1}']) {
    it(`is none: ${query}`, () => {
      assert.equal(documentAddress({ query }), undefined);
    });
  }
});
