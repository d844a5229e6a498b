import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Answer, AnswerReader } from '../../../../src/export/transports/http/response';

/** What has been made of the bytes, in pieces of that size; the pieces end where the answer is complete. */
function readInPieces(text: string, pieceSize: number, isAll = false): Answer | undefined {
  const bytes = Buffer.from(text, 'latin1');
  const reader = new AnswerReader();
  for (let at = 0; at < bytes.length; at += pieceSize) {
    reader.add(Buffer.from(bytes.subarray(at, at + pieceSize)));
    const answer = reader.read(false);
    if (answer !== undefined) return answer;
  }
  return isAll ? reader.read(true) : undefined;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

const complete: [name: string, text: string, body: string, isReusable: boolean][] = [
  ['of a known length', `${OK}content-length: 5\r\n\r\nabcde`, 'abcde', true],
  ['with nothing in it', `${OK}Content-Length: 0\r\n\r\n`, '', true],
  ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
  [
    'behind two others',
    `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nlink: x\r\n\r\n${OK}content-length: 1\r\n\r\nz`,
    'z',
    true,
  ],
  ['in chunks', `${CHUNKED}4\r\nout \r\n8;a=b\r\nof order\r\n0\r\n\r\n`, 'out of order', true],
  ['in chunks with line ends in them', `${CHUNKED}6\r\n\r\n\r\n0\n\r\n0\r\n\r\n`, '\r\n\r\n0\n', true],
  ['in chunks with trailers', `${CHUNKED}1\r\nx\r\n0\r\na: 1\r\nb: 2\r\n\r\n`, 'x', true],
  ['of an older server', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx', 'x', false],
  ['of one that hangs up', `${OK}connection: Close\r\ncontent-length: 1\r\n\r\nx`, 'x', false],
];

describe('an HTTP answer', () => {
  for (const [name, text, body, isReusable] of complete) {
    it(`${name} is the same in pieces of any size`, () => {
      for (const size of [1, 2, 3, 7, text.length]) {
        const answer = readInPieces(text, size);
        assert.equal(answer?.body.toString('latin1'), body, `pieces of ${size}`);
        assert.equal(answer?.isReusable, isReusable, `pieces of ${size}`);
        // The last byte is what completes it.
        assert.equal(readInPieces(text.slice(0, -1), size), undefined, `pieces of ${size}`);
      }
    });
  }

  it('ends with its connection where it says nothing of its length', () => {
    for (const size of [1, 100]) {
      const answer = readInPieces(`${OK}\r\nabc`, size, true);
      assert.equal(answer?.body.toString(), 'abc');
      assert.equal(answer.isReusable, false);
    }
  });

  it('keeps its status where the rest does not come', () => {
    const answer = readInPieces('HTTP/1.1 503 No\r\nretry-after: 7\r\ncontent-length: 9\r\n\r\nabc', 2, true);
    assert.equal(answer?.statusCode, 503);
    assert.equal(answer.headers['retry-after'], '7');
    assert.equal(answer.body.length, 0);
  });

  it('does not leave its connection to the next one with bytes behind it', () => {
    const text = `${OK}content-length: 1\r\n\r\nx${OK}`;
    assert.equal(readInPieces(text, text.length)?.isReusable, false);
  });

  const broken: [text: string, code: string][] = [
    ['SSH-2.0-x\r\n', 'HPE_INVALID_CONSTANT'],
    ['HTTP/1.1 100 C\r\n\r\nrubbish', 'HPE_INVALID_CONSTANT'],
    ['HTTP/1.1 2xx OK\r\n\r\n', 'HPE_INVALID_STATUS'],
    ['HTTP/1.1\r\n\r\n', 'HPE_INVALID_STATUS'],
    [`${OK}x: ${'y'.repeat(20_000)}`, 'HPE_INVALID_HEADER'],
    ['HTTP/1.1 100 Continue\r\n\r\n'.repeat(4000), 'HPE_INVALID_HEADER'],
    [`${OK}content-length: -1\r\n\r\n`, 'HPE_INVALID_CONTENT_LENGTH'],
    [`${CHUNKED}x\r\n`, 'HPE_INVALID_CHUNK_SIZE'],
  ];
  for (const [text, code] of broken) {
    it(`is none in ${JSON.stringify(text.slice(0, 40))}: ${code}`, () => {
      for (const size of [1, 1000, text.length]) assert.throws(() => readInPieces(text, size), { code });
    });
  }

  const hostile: [name: string, text: string][] = [
    ['a long head', `${OK}x: ${'y'.repeat(15_000)}`],
    ['a long body', `${OK}content-length: 60000\r\n\r\n${'x'.repeat(50_000)}`],
    ['a long line before a chunk', `${CHUNKED}1;${'x'.repeat(50_000)}`],
    ['many chunks', CHUNKED + '1\r\nx\r\n'.repeat(8000)],
    ['long trailers', `${CHUNKED}0\r\n${'x: y\r\n'.repeat(8000)}`],
  ];
  for (const [name, text] of hostile) {
    it(`costs a few looks at each byte with ${name} in single bytes`, (t) => {
      let looked = 0;
      const { indexOf, toString: textOf, copy } = Buffer.prototype;
      t.mock.method(Buffer.prototype, 'indexOf', function (this: Buffer, mark: Buffer, from: number) {
        looked += this.length - from;
        return indexOf.call(this, mark, from);
      });
      t.mock.method(
        Buffer.prototype,
        'toString',
        function (this: Buffer, code: 'latin1', a: number, b: number) {
          looked += b - a;
          return textOf.call(this, code, a, b);
        },
      );
      t.mock.method(Buffer.prototype, 'copy', function (this: Buffer, ...args: Parameters<Buffer['copy']>) {
        looked += (args[3] ?? this.length) - (args[2] ?? 0);
        return copy.apply(this, args);
      });
      assert.equal(readInPieces(text, 1), undefined);
      assert.ok(looked > text.length && looked < 20 * text.length, `${looked} for ${text.length}`);
    });
  }
});
